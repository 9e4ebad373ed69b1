/* pthread_once and call_once: the routine is code of the program, and may be left by exception or cancellation. */
#include "once.h"

#include <pthread.h>

#include "shared/model/model.h"

/* The values of glibc's control word. */
enum { WORD_FRESH = 0, WORD_RUNNING = 1, WORD_DONE = 2 };

struct running {
	int *word;
	uint32_t object;
	bool returned;
	uint64_t outer_routine;
};

/* Runs when the routine is left, by whatever way. Until the model knows, the word says that it runs. */
static void end(struct running *running)
{
	call_user_end();
	self.routine = running->outer_routine;
	call_model(running->returned ? OP_ONCE_END : OP_ONCE_ABORT, running->object);
	*running->word = running->returned ? WORD_DONE : WORD_FRESH;
}

INTERPOSE_CALLER static void run(int *word, uint32_t object, void (*routine)(void))
{
	struct running running __attribute__((cleanup(end))) = {word, object, false, self.routine};

	*word = WORD_RUNNING;
	self.routine = (uint64_t)(uintptr_t)routine;
	call_user_begin();
	routine();
	running.returned = true;
}

int once_call(int *word, void (*routine)(void))
{
	uint32_t object = once_object(word, *word == WORD_FRESH);

	if (once_begin(object, *word == WORD_DONE) == MODEL_ONCE_RUN)
		run(word, object, routine);
	return 0;
}

INTERPOSE(int, pthread_once, (pthread_once_t * word, void (*routine)(void)), (word, routine))
{
	return once_call((int *)word, routine);
}

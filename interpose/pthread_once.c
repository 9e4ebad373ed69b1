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
};

/* Runs when the routine is left, by whatever way. */
static void end(struct running *running)
{
	if (!running->returned)
		call_user_end();
	*running->word = running->returned ? WORD_DONE : WORD_FRESH;
	call_model(running->returned ? OP_ONCE_END : OP_ONCE_ABORT, running->object);
}

static void run(int *word, uint32_t object, void (*routine)(void))
{
	struct running running __attribute__((cleanup(end))) = {.word = word, .object = object};

	*word = WORD_RUNNING;
	call_user_begin();
	routine();
	call_user_end();
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

/*
 * Things that are done once: pthread_once, call_once and the guards of static initialisers. The control word is kept as
 * the genuine implementation keeps it, because compiled code looks at it and because a word that is fresh again tells
 * that its memory was reused.
 */
#ifndef RACE_ONCE_H
#define RACE_ONCE_H

#include "call.h"

/* The object of the control word at this address; `fresh`: the word says that nothing has begun. */
static inline uint32_t once_object(const volatile void *address, bool fresh)
{
	uint32_t index = object_small(OBJECT_ONCE, address);

	if (!fresh || control->world.objects[index].count == 0)
		return index;
	control->world.objects[index].flags |= OBJECT_DESTROYED;
	return object_small(OBJECT_ONCE, address);
}

/*
 * Begins: MODEL_ONCE_RUN or MODEL_ONCE_DONE. Where it was done before the call there is nothing to choose: nothing
 * can undo it.
 */
static inline int once_begin(uint32_t object, bool done)
{
	struct request request = call_request(OP_ONCE_BEGIN, object);

	if (done)
		request.flags |= REQUEST_GUARDED;
	request.argument = !done;
	return (int)point(&request);
}

/* pthread_once.c: for both interfaces to it. */
int once_call(int *word, void (*routine)(void));

#endif

/* Barriers: all but the last to arrive announce that they pass, and are let through together. */
#include "call.h"

#include <pthread.h>

#include "shared/model/model.h"

INTERPOSE(int, pthread_barrier_wait, (pthread_barrier_t * barrier), (barrier), OP_BARRIER_WAIT, barrier)
{
	uint32_t object = object_barrier(barrier);
	int result = call_model(OP_BARRIER_WAIT, object);

	if (result == MODEL_BARRIER_SERIAL)
		return PTHREAD_BARRIER_SERIAL_THREAD;
	return result == MODEL_BARRIER_WAITS ? call_model(OP_BARRIER_PASS, object) : result;
}

INTERPOSE(int, pthread_barrier_destroy, (pthread_barrier_t * barrier), (barrier), OP_BARRIER_DESTROY, barrier)
{
	uint32_t object = object_barrier(barrier);
	int error = call_model(OP_BARRIER_DESTROY, object);

	object_forget(barrier, object);
	return error;
}

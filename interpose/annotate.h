/* Functions that librace.so adds and that no genuine one stands behind: how they begin. */
#ifndef RACE_ANNOTATE_H
#define RACE_ANNOTATE_H

#include "call.h"

/* Runs the body for a task of ours, as a stanza would. False: this is no controlled task. */
bool annotation_enter(struct guard *guard, void *caller);

#define ANNOTATION_GUARD(otherwise) \
	struct guard guard __attribute__((cleanup(guard_leave))) = {0}; \
	if (!annotation_enter(&guard, __builtin_return_address(0))) \
		return otherwise

#endif

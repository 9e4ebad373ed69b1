/*
 * Names for objects that mean something to a person and survive a re-run: "mutex#1" (numbered by kind in the order
 * in which the execution met them), the task's name for tasks, the file's base name for databases. Callers that know
 * symbols may put the variable's name instead.
 */
#ifndef RACE_EXPLORER_OBJECT_LABEL_H
#define RACE_EXPLORER_OBJECT_LABEL_H

#include <stddef.h>

#include "trace_read.h"

enum { OBJECT_LABEL_BYTES = 96 };

/* Writes the label, cut to nbytes with its NUL. Returns `buffer`. */
const char *object_label(const struct trace *trace, uint32_t object, char *buffer, size_t nbytes);

/* The class of an object without numbers, for fingerprints: "mutex", a database's base name. Never NULL. */
const char *object_label_class(const struct trace *trace, uint32_t object);

#endif

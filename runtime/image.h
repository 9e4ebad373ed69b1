/*
 * Program images: can librace.so be preloaded into this file when it is executed?
 */
#ifndef RACE_IMAGE_H
#define RACE_IMAGE_H

#include <stddef.h>

#include "shared/outcome.h"

/*
 * UNCONTROLLED_NONE when it can be controlled, or when the file is missing or no program (exec will say so);
 * otherwise why not. Scripts are judged by their interpreter.
 */
enum uncontrolled image_inspect(const char *path);

/* Looks `name` up in PATH as execvp does; `name` itself when it has a slash. NULL: not found. */
const char *image_search(const char *name, char **environment, char *buffer, size_t nbytes);

#endif

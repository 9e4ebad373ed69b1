/*
 * The environment of a program about to be executed: ours back in front, so that its image is controlled too.
 */
#ifndef RACE_ENVIRONMENT_H
#define RACE_ENVIRONMENT_H

#include <stddef.h>
#include <stdint.h>

#define TASK_VARIABLE "RACE_TASK" /* index of the task that the new image continues */

/* The path of this library as it was preloaded; taken at load. */
void environment_set_library(const char *path, size_t length);

/*
 * The given environment with LD_PRELOAD, the control descriptor and the task. Its memory is mapped; give it back with
 * environment_close when the exec failed. NULL when there is no memory.
 */
char **environment_open(char *const *environment, uint32_t task, int descriptor);
void environment_close(char **environment);

#endif

/*
 * Children that run images which can't be controlled. They end without saying so: their parent asks the kernel.
 */
#ifndef RACE_STRANGER_H
#define RACE_STRANGER_H

#include <stdint.h>

struct request;

/*
 * As point(), for WAIT and SIGNAL_WAIT: the child that ends the wait, or whose SIGCHLD does, may be such a one, or become
 * one meanwhile.
 */
int64_t stranger_wait(const struct request *request);

#endif

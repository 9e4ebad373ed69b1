/*
 * Control blocks for tests: fresh pages, of which only those that are used cost anything. calloc() would clear all of
 * them, every time, once the first has been freed.
 */
#ifndef RACE_TESTS_UNIT_CONTROL_BLOCK_H
#define RACE_TESTS_UNIT_CONTROL_BLOCK_H

#include <stddef.h>
#include <sys/mman.h>

#include "shared/control.h"

static inline struct control *control_block_new(void)
{
	void *block = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return block == MAP_FAILED ? NULL : block;
}

static inline void control_block_free(struct control *control)
{
	if (control)
		munmap(control, sizeof *control);
}

#endif

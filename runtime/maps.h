/*
 * What is mapped in this process: /proc/self/maps, line by line, without allocating.
 */
#ifndef RACE_MAPS_H
#define RACE_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAPS_BUFFER_BYTES = 2048, MAPS_NAME_BYTES = 16 };

struct maps {
	int fd;
	size_t at, length;
	char buffer[MAPS_BUFFER_BYTES];
};

struct maps_line {
	uint64_t begin, end, offset, device, inode;
	bool readable, writable, executable, shared;
	char name[MAPS_NAME_BYTES]; /* its beginning: a path, "[stack]", or "" */
};

/* False: it can't be opened. */
bool maps_open(struct maps *maps);

/* In order of addresses; false at the end. */
bool maps_next(struct maps *maps, struct maps_line *line);

void maps_close(struct maps *maps);

#endif

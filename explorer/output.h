/*
 * What a captured target prints, and what it reads: one file in memory for stdout and stderr, a rewound or empty stdin.
 *
 * However much a program prints, only its beginning is kept: what goes beyond is cut off while the program runs.
 */
#ifndef RACE_EXPLORER_OUTPUT_H
#define RACE_EXPLORER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/control.h"

struct output {
	int fd;        /* becomes stdout and stderr; -1: the target has ours */
	int input_fd;  /* becomes stdin; -1: the target has ours */
	size_t limit;  /* bytes that are kept */
	bool cut;      /* there was more */
	char *text;
};

/* Where to rewind stdin is put into the settings. `limit` 0: the usual one. -1 with errno. */
int output_open(struct output *output, struct settings *settings, size_t limit);

/* Standard input is somebody else's: the target's is empty. -1 with errno. */
int output_spare_input(struct output *output, struct settings *settings);

/* For an output that was never opened: makes output_close harmless. */
void output_init(struct output *output);

/* Forgets what was printed so far. */
void output_clear(struct output *output);

/* Gives back the memory beyond the limit. To be called now and then while the target runs. */
void output_trim(struct output *output);

/* The kept bytes, NUL-terminated, owned by the output; "" when nothing is captured. */
const char *output_text(struct output *output, size_t *nbytes, bool *truncated);

void output_close(struct output *output);

#endif

/*
 * What the target may connect to (shared/network.h): hosts that the user allowed, looked up once at the start.
 */
#ifndef RACE_EXPLORER_NETWORK_H
#define RACE_EXPLORER_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/control.h"

struct network_options {
	bool guarded;              /* false: everything is allowed */
	const char *const *hosts;  /* --allow-net: names or addresses; NULL-ended; NULL: none */
};

/*
 * Tells the target. `urls` are those of --db: "none" among them leaves database servers to the command. -1: a host can't
 * be found; a sentence is in `reason`, and the exit code to end with in *exit_code.
 */
int network_open(const struct network_options *options, const char *const *urls, struct control *control, char *reason,
	size_t reason_bytes, int *exit_code);

#endif

/*
 * The database servers of a campaign (--db): opened once, their start state kept, put back before each execution and
 * at the end. While an execution runs they answer what the target asks (shared/database.h).
 */
#ifndef RACE_EXPLORER_SERVERS_H
#define RACE_EXPLORER_SERVERS_H

#include <stdbool.h>
#include <stddef.h>

#include "observation.h"
#include "shared/control.h"

struct servers;

struct servers_options {
	const char *const *urls; /* NULL-ended; NULL: none */
	bool force;              /* --db-force: also what is neither empty nor marked */
	bool keep_state;         /* the start state is not put back at the end */
};

/*
 * Opens all of them, and tells the target where they are. NULL: a sentence in `reason`, and *exit_code is EXIT_USAGE
 * when one is refused. With no URLs: servers that do nothing. Those that are open already are used again.
 */
struct servers *servers_open(const struct servers_options *options, struct control *control, char *reason,
	size_t reason_bytes, int *exit_code);

/* Variables that the target is to have unless it has them already: NULL-ended NAME=VALUE, or NULL. */
const char *const *servers_variables(const struct control *control);

/*
 * Ends the last execution's sessions and puts back what this block's next one begins with, NULL: nobody's; `flags` are those
 * of its plan. -1 and a sentence.
 */
int servers_reset(struct servers *servers, const struct control *next, uint16_t flags, char *reason, size_t reason_bytes);

/* Is it `none`: no database, but the promise that the command itself puts back what it changes in servers? */
bool servers_is_none(const char *url);

/* Answers an inquiry that is pending. False: there is none. */
bool servers_answer(struct servers *servers, struct control *control);

/* Adds images of what they hold. -1 and a sentence when one can't be read. */
int servers_observe(struct servers *servers, struct observation *out, char *reason, size_t reason_bytes);

/*
 * The database of this number (from 0 on) among those open that the command makes: what its server calls it, and what is to
 * be known of it. NULL: there are no more.
 */
const char *servers_arrival(uint32_t index, const char **account);

/* This block's execution is over. The last to close puts the start states back. NULL does nothing. */
void servers_close(struct servers *servers, struct control *control);

#endif

/*
 * Commands of Redis as statements: a footprint's tables are keys. Numbers in keys are left out, as they are in texts,
 * so that `user:1` and `user:2` are one table. Commands that are not in the list, scripts among them, touch anything; of
 * scripts the keys that they are told of are named (session_script.h).
 */
#ifndef RACE_SESSION_COMMAND_H
#define RACE_SESSION_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

/* The statement of a command: its words with a space between. `narguments`: words behind the first. 0: no room. */
uint32_t session_command_enter(const char *words, uint32_t narguments);

/* Is the number that it replies how many things it has changed? */
bool session_command_counts(const char *words);

/* Is it known to do nothing but read? */
bool session_command_reads(const char *words);

/* Does it add something to a list or a count, so that doing it twice is not the same as doing it once? */
bool session_command_inserts(const char *words);

/*
 * How long it waits until others give it something, in nanoseconds: 0 it does not wait, UINT64_MAX for ever. A time-out
 * that can't be read is for ever: the server will tell.
 */
uint64_t session_command_patience(const char *words);

/* May it send messages to subscribers? */
bool session_command_publishes(const char *words);

#endif

/*
 * Early time-outs: those that are taken while others could go on. Each says that the others were that slow.
 *
 * Housekeeping threads wait with time-outs for ever, and each that is taken moves the clock of all: hours would pass in an
 * execution, and whoever waits with a limit, outside too, takes the others for dead. Therefore
 *   - who means to wait for ten seconds or longer does not time out early: while others work that is no time;
 *   - a task that waits at one place again and again, and is never woken there, times out early a few times in a row;
 *   - since time last passed by itself, because nobody could go, early time-outs have taken a second together, besides the
 *     longest of them: one wait of nine seconds may end early, but not ninety of a tenth, which is how a script waits for
 *     the server that it started;
 *   - the limits of those who are patient (REQUEST_PATIENT) move along: they count only time that passes by itself.
 * After that such a wait ends when it is woken, or when nobody else can go: then all begins anew. A pure function of the
 * world, so that a schedule meets the same alternatives whoever follows it.
 *
 * Sleeps (REQUEST_HOLD) are alternatives all the same, because serial orders cut them short; it is the random choosers
 * that leave them alone.
 */
#ifndef RACE_SHARED_EARLY_H
#define RACE_SHARED_EARLY_H

#include <stdbool.h>
#include <stdint.h>

struct world;
struct task;

/* May the time-out of this wait come now, as far as these limits go? */
bool early_is_due(const struct world *world, const struct task *task);

/* It comes: the clock goes on to its deadline, `span_ns` from now, if it was not there yet. */
void early_take(struct world *world, struct task *task, uint64_t span_ns);

/* A step of this task begins that is no early time-out: its wait, if it is one, has ended otherwise. */
void early_end(struct task *task);

/* Time passes by itself. */
void early_rest(struct world *world);

#endif

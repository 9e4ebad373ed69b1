/*
 * Children of race: those it keeps (fork servers, guardians), and what executions leave behind, which comes to race as
 * the subreaper. Found whatever it did to its session and environment.
 */
#ifndef RACE_EXPLORER_FAMILY_H
#define RACE_EXPLORER_FAMILY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Orphans come to race from now on, and the end of a child interrupts what race waits for. */
void family_open(void);

/* A child that is none of an execution's: its end is remembered until it is forgotten. */
void family_keep(pid_t pid);
void family_forget(pid_t pid);

/* Reaps what has died. */
void family_reap(void);

/* Has this kept child ended (with this status, as wait() gives it)? Reaps first. */
bool family_ended(pid_t pid, int *status);

/*
 * Kills and reaps all our children but the kept ones, and whoever becomes our child when they die. `met` is told of
 * each before it is killed, perhaps more than once.
 */
void family_kill_strays(void (*met)(void *state, pid_t pid), void *state);

/* Kills a kept child and waits for its end; it is forgotten. */
void family_end(pid_t pid);

/*
 * For after race's death, when nobody is the parent any more: kills every process but ourselves that has the file
 * behind `fd` open under `number`, or mapped. Returns how many.
 */
uint32_t family_kill_users(int fd, int number);

#endif

/*
 * Names of system calls, for people.
 */
#ifndef RACE_EXPLORER_SYSTEM_CALL_H
#define RACE_EXPLORER_SYSTEM_CALL_H

/* "chdir"; "call 4711" where this build knows none, in a buffer that the next call overwrites. */
const char *system_call_name(long number);

#endif

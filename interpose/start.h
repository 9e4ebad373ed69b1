/*
 * Beginning and end of control in a process.
 */
#ifndef RACE_START_H
#define RACE_START_H

#include <stddef.h>
#include <stdint.h>

/* Takes control now, if that has not happened: at main, or earlier when a constructor makes threads. */
void start_control(void);

/* The calling kernel thread is this task; its end will be noticed. */
void start_thread(uint32_t task);

/* exit.c: what exit was called with, and the program's buffered output written out. */
int start_exit_status(void);
void start_note_exit(int status);
void start_flush(void);

/* exit.c: as _exit does, in the body of another call. */
void start_exit_at_once(int status) __attribute__((noreturn));

/* exit.c: from within an exit handler, the last one: the process ends with this status instead. */
void start_exit_again(int status) __attribute__((noreturn));

/* Base name of the running program. */
const char *start_program_name(char *buffer, size_t nbytes);

#endif

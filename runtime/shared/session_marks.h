/*
 * What a statement may change of what the server keeps for its session, beside the transaction, as far as its text tells:
 * functions that are not known to leave nothing may leave anything.
 */
#ifndef RACE_SESSION_MARKS_H
#define RACE_SESSION_MARKS_H

#include <stdint.h>

/* Of a statement whose literals are question marks: bit set of enum session_mark. */
uint8_t session_marks_of(const char *sql);

#endif

/*
 * Log lines for the maintainer, into the control block's ring; the explorer prints them when asked (RACE_LOG). Nothing
 * is ever written to the program's own output. A full ring drops lines.
 */
#ifndef RACE_SAY_H
#define RACE_SAY_H

#include <stdint.h>

/* "domain: text number\n" */
void say(const char *domain, const char *text, int64_t number);

#endif

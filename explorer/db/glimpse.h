/*
 * Statements that look at what there is before they wait for a lock, and go by that when they have got it: those with a
 * query in them, and those that call a function. READ COMMITTED looks again only at the rows that were waited for
 * (https://www.postgresql.org/docs/15/transaction-iso.html#XACT-READ-COMMITTED).
 */
#ifndef RACE_EXPLORER_DB_GLIMPSE_H
#define RACE_EXPLORER_DB_GLIMPSE_H

#include <stdbool.h>

/* May a statement with this text? What does nothing but wait for a lock does not. */
bool glimpse_is(const char *text);

#endif

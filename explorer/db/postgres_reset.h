/*
 * Puts the start state of a PostgreSQL database back: those rows only that differ from it as it was looked at last, if
 * nothing has ended since, in one round trip; otherwise everything is compared on the server (postgres_start.c).
 */
#ifndef RACE_EXPLORER_DB_POSTGRES_RESET_H
#define RACE_EXPLORER_DB_POSTGRES_RESET_H

#include "postgres_look.h"

int postgres_reset(struct server *server, struct complaint *complaint);

/* Prepares the statements that this takes; -1: they can't be. */
int postgres_reset_prepare(struct server *server, struct postgres_start *start);

#endif

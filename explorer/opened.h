/*
 * One database of --db: opened with its adapter, whether it is there (then its start state is kept) or arrives in each
 * execution.
 */
#ifndef RACE_EXPLORER_OPENED_H
#define RACE_EXPLORER_OPENED_H

#include "db/arrival.h"
#include "shared/database.h"

struct opened {
	const struct adapter *adapter;
	struct server *server;
	struct arrival *arrival; /* NULL: it is there */
	char *name;
	uint32_t naddress;
	uint8_t address[DATABASE_ADDRESS_BYTES];
	struct image *marked; /* what it held at PLAN_MARK; NULL: no mark was met */
};

/* False: a complaint, and what to end with; it is to be closed all the same. */
bool opened_open(struct opened *opened, const char *url, bool force, struct complaint *complaint, int *exit_code);
void opened_close(struct opened *opened);

/* Ends these sessions and puts the start state back. */
int opened_reset(struct opened *opened, const int32_t *backends, uint32_t nbackends, struct complaint *complaint);

/* May it have a start state that is kept later? */
bool opened_has_later(const struct opened *opened);

/* See struct adapter. What could not be moved is where it was. */
void opened_reorder(struct opened *opened);
struct image *opened_image(struct opened *opened, struct complaint *complaint);

/* What it holds now is what it held at PLAN_MARK. */
int opened_mark(struct opened *opened, struct complaint *complaint);

#endif

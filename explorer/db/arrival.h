/*
 * A database that --db names and that is not there: the command makes it in each execution, as test runners do (Django,
 * Rails), and drops it or leaves it behind. It holds nothing when an execution begins. What it holds is read by a
 * connection of its own each time, which is closed again: servers don't drop a database that somebody is connected to. So
 * the target says when it is about to drop it (INQUIRY_LEAVES).
 *
 * Nobody else's database is ever touched: only one that a controlled session was told to have made in the execution
 * under way (INQUIRY_ARRIVED), and that has the number still that it had then.
 */
#ifndef RACE_EXPLORER_DB_ARRIVAL_H
#define RACE_EXPLORER_DB_ARRIVAL_H

#include "adapter.h"

struct arrival;

/* NULL: it is there, or it can't be told; there may be a complaint then. */
struct arrival *arrival_open(const struct adapter *adapter, const char *url, struct complaint *complaint);

/* Its server, seen from another database of it. */
struct server *arrival_server(struct arrival *arrival);

/* What is to be known of it at the end of a campaign, in words. */
const char *arrival_account(const struct arrival *arrival);

/* The command is about to make it; it has been told that it has. */
void arrival_await(struct arrival *arrival);
void arrival_note(struct arrival *arrival);

/* The command is about to drop it: what it holds now counts. */
void arrival_leave(struct arrival *arrival, const char *database);

/* What it holds, or has held when it was dropped; without tables where the command has not made it. */
struct image *arrival_image(struct arrival *arrival, const char *database, struct complaint *complaint);

/* As adapter.reorder, once in an execution. */
int arrival_reorder(struct arrival *arrival);

/* Ends these sessions, and drops it if the execution has left it. -1 and a complaint: it is there, and not the command's. */
int arrival_reset(struct arrival *arrival, const int32_t *backends, uint32_t nbackends, struct complaint *complaint);

void arrival_close(struct arrival *arrival); /* NULL does nothing */

#endif

/*
 * Which tables of a MariaDB database may have changed: the server counts the rows that were changed in each, also by
 * transactions that were rolled back, where it is told to (userstat). Not counted are what foreign keys change, so tables
 * that refer to one that may have changed may have, too; and statements that have not ended: their tables are in use.
 * https://mariadb.com/kb/en/user-statistics/
 */
#ifndef RACE_EXPLORER_DB_MARIADB_COUNTS_H
#define RACE_EXPLORER_DB_MARIADB_COUNTS_H

#include "mariadb_catalogue.h"

#define MARIADB_IN_USE "SHOW OPEN TABLES FROM %s WHERE In_use > 0"
#define MARIADB_COUNTS "SELECT TABLE_NAME, ROWS_CHANGED FROM information_schema.TABLE_STATISTICS WHERE TABLE_SCHEMA = DATABASE()"

struct mariadb_counts;

/* NULL: they can't be had. They are no longer counted after close, unless they were before. NULL does nothing. */
struct mariadb_counts *mariadb_counts_open(struct server *server, const struct mariadb_catalogue *catalogue);
void mariadb_counts_close(struct mariadb_counts *counts, struct server *server);

/* From MARIADB_IN_USE, and then MARIADB_COUNTS. */
void mariadb_counts_read(struct mariadb_counts *counts, MYSQL_RES *in_use, MYSQL_RES *changed);

/* Since it was as it is to be; by what was read last. */
bool mariadb_counts_differ(const struct mariadb_counts *counts, uint32_t table);

/* MARIADB_COUNTS of a moment at which nobody works; then this table is as it is to be, or it is not known to be. */
void mariadb_counts_settle(struct mariadb_counts *counts, MYSQL_RES *changed);
void mariadb_counts_set(struct mariadb_counts *counts, uint32_t table, bool same);

#endif

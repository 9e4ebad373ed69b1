/*
 * Has anything been said to a MariaDB server that may have changed definitions? It counts the requests of all its clients,
 * and tells how many there were in no time (COM_STATISTICS), where counts by kind cost ten times as much. When there
 * were as many as race has made, and as those made on sessions that race follows, of which it knows what was said, then
 * nobody else has said anything.
 */
#ifndef RACE_EXPLORER_DB_MARIADB_QUESTIONS_H
#define RACE_EXPLORER_DB_MARIADB_QUESTIONS_H

#include "mariadb.h"

/*
 * Definitions are for certain what they were at mariadb_questions_settle(). False: what was said until now is forgotten,
 * and they have to be looked at; then settle may be called again.
 */
bool mariadb_questions_are_known(struct server *server);
void mariadb_questions_settle(struct server *server);

/*
 * How many statements that change definitions the server has executed, by its own count, and whether it works without being
 * asked; -1: it can't be told. The same by the results of these statements.
 */
long long mariadb_definitions(struct server *server);
long long mariadb_definitions_next(struct server *server);

/* Statements that change definitions or empty tables, of all sessions, ended ones included. Naming them is quicker. */
#define MARIADB_CHANGES_OF(how) \
	"'Com_" how "_db', 'Com_" how "_event', 'Com_" how "_function', 'Com_" how "_index', 'Com_" how "_package'," \
	"'Com_" how "_package_body', 'Com_" how "_procedure', 'Com_" how "_sequence', 'Com_" how "_table'," \
	"'Com_" how "_trigger', 'Com_" how "_view'"
#define MARIADB_DEFINITIONS \
	"SELECT @@GLOBAL.event_scheduler = 'ON';" \
	"SHOW GLOBAL STATUS WHERE Variable_name IN (" MARIADB_CHANGES_OF("create") ", " MARIADB_CHANGES_OF("alter") "," \
	MARIADB_CHANGES_OF("drop") ", 'Com_rename_table', 'Com_truncate', 'Slaves_running')"

#endif

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
 * asked; -1: it can't be told.
 */
long long mariadb_definitions(struct server *server);

#endif

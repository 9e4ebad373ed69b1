/*
 * Sessions with database servers that the program has open at its snapshot (snapshot.h), and that live on from execution
 * to execution: the descriptors stay open, what we know of the sessions is put back here, and what the servers keep of
 * them race puts back between two executions (explorer/db/heir.h).
 *
 * The server does not hear of a goodbye on such a session: race undoes at once what an end would have undone.
 */
#ifndef RACE_INHERITED_H
#define RACE_INHERITED_H

#include <stdbool.h>

#include "shared/database.h"

/* Passes what sessions there are to race; why they can't live on, NONE: they do. Once in a process. */
enum session_loss inherited_open(void);

/* What is known of all sessions is again what it was then. */
void inherited_load(void);

/* MySQL: had this session a prepared statement of this number then? */
bool inherited_has_prepared(uint32_t session, uint32_t id);

/* They live on no longer: race is told. `over`: between two executions, the process ends. */
void inherited_close(bool over);

/* Is it the descriptor of a session that lives on? And is that one over for the program in this execution? */
bool inherited_is(long fd);
bool inherited_has_ended(long fd);

#endif

/*
 * PostgreSQL's protocol 3.0: https://www.postgresql.org/docs/15/protocol.html
 *
 * Each message of the extended protocol has one message that ends its reply (ParseComplete, BindComplete,
 * CommandComplete, ...), so that counting tells what Flush has brought; what ends with Sync, Query or FunctionCall is
 * answered by ReadyForQuery. A Sync or Flush that is sent while the server waits for the data of a COPY does not count.
 * SQL's own PREPARE, EXECUTE and DEALLOCATE are statements like any other.
 */
#ifndef RACE_SHARED_WIRE_POSTGRES_H
#define RACE_SHARED_WIRE_POSTGRES_H

#include "wire_decoder.h"

/* Kinds of requests in the queue. */
enum wire_postgres_request { WIRE_POSTGRES_QUERY = 1, WIRE_POSTGRES_SYNC, WIRE_POSTGRES_FLUSH };

/* A message of the client is complete; it is in wire->request. */
void wire_postgres_sent(struct wire *wire, struct wire_visitor visitor);

/* A packet without a type is: what a connection begins with. */
void wire_postgres_started(struct wire *wire, struct wire_visitor visitor);

/* Where in the message under way the text or the parameters begin that are hashed to the end. */
void wire_postgres_cut(struct wire *wire, struct wire_visitor visitor);

/* A message of the server is complete; it is in wire->reply. */
void wire_postgres_received(struct wire *wire, struct wire_visitor visitor);

/* Requests whose replies have come, or will not, because the server skips them. */
void wire_postgres_settle(struct wire *wire, struct wire_visitor visitor);

#endif

/*
 * Digests of results whose rows come in an order that was asked for, or in any.
 */
#ifndef RACE_SHARED_WIRE_ORDER_H
#define RACE_SHARED_WIRE_ORDER_H

#include "wire.h"

/*
 * May the order of rows mean something: does the statement say ORDER BY anywhere, or is it longer than what is present?
 * What stands in literals and comments counts, too.
 */
bool wire_order_is_asked(struct wire_text statement);

/* The digest with a row more, whose bytes have this hash; 0 is that of no row. Without `ordered` it is a sum over the rows. */
uint64_t wire_order_add(uint64_t digest, uint64_t row, bool ordered);

#endif

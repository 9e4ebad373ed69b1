/*
 * Parameters in MySQL's binary format, as COM_STMT_EXECUTE and attributes of COM_QUERY have them.
 */
#ifndef RACE_SHARED_WIRE_MYSQL_PARAMETER_H
#define RACE_SHARED_WIRE_MYSQL_PARAMETER_H

#include "wire_cursor.h"
#include "wire_decoder.h"

/* Bits of those that are NULL, whether types follow, types, and values; named: each type is followed by a name. */
struct wire_mysql_parameters {
	uint64_t count;
	bool named;
};

/* Reads them all, as far as they are there, telling of each unless visitor.visit is NULL. */
void wire_mysql_parameter_read(
	struct wire_cursor *cursor, struct wire_mysql_parameters parameters, struct wire_visitor visitor);

#endif

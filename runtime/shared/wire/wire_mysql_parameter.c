#include "wire_mysql_parameter.h"

enum type {
	TYPE_TINY = 1,
	TYPE_SHORT = 2,
	TYPE_LONG = 3,
	TYPE_FLOAT = 4,
	TYPE_DOUBLE = 5,
	TYPE_NULL = 6,
	TYPE_TIMESTAMP = 7,
	TYPE_LONGLONG = 8,
	TYPE_INT24 = 9,
	TYPE_DATE = 10,
	TYPE_TIME = 11,
	TYPE_DATETIME = 12,
	TYPE_YEAR = 13,
};

/* How long the value under the cursor is; *binary: it is no text. */
static uint64_t length_of(struct wire_cursor *cursor, uint8_t type, bool *binary)
{
	*binary = true;
	switch (type) {
	case TYPE_TINY: return 1;
	case TYPE_SHORT:
	case TYPE_YEAR: return 2;
	case TYPE_LONG:
	case TYPE_INT24:
	case TYPE_FLOAT: return 4;
	case TYPE_LONGLONG:
	case TYPE_DOUBLE: return 8;
	case TYPE_NULL: return 0;
	case TYPE_DATE:
	case TYPE_TIME:
	case TYPE_DATETIME:
	case TYPE_TIMESTAMP: return wire_cursor_little(cursor, 1);
	default: *binary = false; return wire_cursor_number(cursor);
	}
}

static uint8_t type_next(struct wire_cursor *types, bool named)
{
	uint8_t type = (uint8_t)wire_cursor_little(types, 1);

	wire_cursor_little(types, 1); /* whether it has a sign */
	if (named)
		wire_cursor_bytes(types, wire_cursor_number(types));
	return type;
}

static void read_values(struct wire_cursor *cursor, struct wire_cursor types, const uint8_t *nulls,
	struct wire_mysql_parameters parameters, struct wire_visitor visitor)
{
	for (uint64_t i = 0; i < parameters.count; i++) {
		uint8_t type = type_next(&types, parameters.named);
		struct wire_event event = {.kind = WIRE_PARAMETER, .index = (uint32_t)i};
		event.is_null = type == TYPE_NULL || (nulls[i / 8] >> i % 8 & 1);
		uint64_t length = event.is_null ? 0 : length_of(cursor, type, &event.is_binary);
		const uint8_t *bytes = wire_cursor_bytes(cursor, length);
		if (!bytes)
			return;
		if (!event.is_null)
			event.text = wire_text_cut(bytes, length, WIRE_PARAMETER_BYTES);
		if (visitor.visit && i < WIRE_PARAMETERS)
			wire_tell(visitor, &event);
	}
}

void wire_mysql_parameter_read(
	struct wire_cursor *cursor, struct wire_mysql_parameters parameters, struct wire_visitor visitor)
{
	if (parameters.count == 0)
		return;
	if (parameters.count > UINT16_MAX) {
		cursor->bad = true;
		return;
	}
	const uint8_t *nulls = wire_cursor_bytes(cursor, (parameters.count + 7) / 8);
	bool typed = wire_cursor_little(cursor, 1) == 1;
	struct wire_cursor types = *cursor;
	for (uint64_t i = 0; typed && i < parameters.count; i++)
		type_next(cursor, parameters.named);
	if (typed && !cursor->bad)
		read_values(cursor, types, nulls, parameters, visitor);
}

#include "op.h"

_Static_assert((int)OP_COUNT <= (int)OP_ROWS, "");

const struct op_info op_infos[OP_ROWS] = {
#define X(identifier, text, object, mode, flags) {text, OBJECT_##object, MODE_##mode, flags},
	OPS(X)
#undef X
	[OP_COUNT ... OP_ROWS - 1] = {"none", OBJECT_NONE, MODE_READ, ACT_MARK},
};

static const char *const object_texts[OBJECT_KIND_COUNT] = {
#define X(identifier, text) text,
	OBJECT_KINDS(X)
#undef X
};

static int text_is(const char *text, const char *bytes, uint32_t nbytes)
{
	for (uint32_t i = 0; i < nbytes; i++)
		if (text[i] == '\0' || text[i] != bytes[i])
			return 0;
	return text[nbytes] == '\0';
}

uint16_t op_parse(const char *text, uint32_t nbytes)
{
	for (uint16_t op = 0; op < OP_COUNT; op++)
		if (text_is(op_infos[op].text, text, nbytes))
			return op;
	return OP_NONE;
}

const char *object_kind_text(uint16_t kind)
{
	return object_texts[kind < OBJECT_KIND_COUNT ? kind : OBJECT_NONE];
}

#include "wire_prepared.h"

struct wire_prepared *wire_prepared_find(struct wire *wire, uint64_t key)
{
	for (uint32_t i = 0; i < WIRE_PREPARED; i++)
		if (wire->prepared[i].key == key)
			return &wire->prepared[i];
	return NULL;
}

void wire_prepared_enter(struct wire *wire, struct wire_prepared prepared)
{
	struct wire_prepared *row = wire_prepared_find(wire, prepared.key);

	if (!row)
		row = &wire->prepared[wire->nprepared++ % WIRE_PREPARED];
	*row = prepared;
}

void wire_prepared_forget(struct wire *wire, uint64_t key)
{
	struct wire_prepared *row = wire_prepared_find(wire, key);

	if (row)
		*row = (struct wire_prepared){0};
}

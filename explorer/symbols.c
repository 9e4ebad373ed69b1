#include "symbols.h"

#include <stddef.h>

void symbols_code(const struct symbols *symbols, uint16_t process, uint64_t address, struct symbol *out)
{
	*out = (struct symbol){0};
	if (symbols != NULL && symbols->code != NULL && address != 0)
		symbols->code(symbols->state, process, address, out);
}

const char *symbols_data(const struct symbols *symbols, uint16_t process, uint64_t address)
{
	if (symbols == NULL || symbols->data == NULL || address == 0)
		return NULL;
	return symbols->data(symbols->state, process, address);
}

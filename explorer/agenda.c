#include "agenda.h"

#include <stdlib.h>
#include <string.h>

static bool same_item(const struct agenda_item *left, const struct agenda_item *right)
{
	return left->norder == right->norder && left->other == right->other && left->moved == right->moved &&
		left->marked == right->marked &&
		left->mark == right->mark && memcmp(left->order, right->order, left->norder * sizeof *left->order) == 0;
}

int64_t agenda_want(struct agenda *agenda, const struct agenda_item *item)
{
	for (uint32_t i = 0; i < agenda->nitems; i++)
		if (same_item(&agenda->items[i], item))
			return i;
	struct agenda_item *grown = realloc(agenda->items, (agenda->nitems + 1UL) * sizeof *grown);
	if (!grown)
		return -1;
	agenda->items = grown;
	grown[agenda->nitems] = *item;
	return agenda->nitems++;
}

const struct agenda_item *agenda_next(struct agenda *agenda)
{
	return agenda->nasked < agenda->nitems ? &agenda->items[agenda->nasked++] : NULL;
}

const struct agenda_item *agenda_answer(struct agenda *agenda)
{
	return agenda->nanswered < agenda->nasked ? &agenda->items[agenda->nanswered++] : NULL;
}

void agenda_fini(struct agenda *agenda)
{
	free(agenda->items);
	*agenda = (struct agenda){0};
}

#include "reference.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "mixture.h"

static int take_units(struct reference *reference, const struct unit_list *units)
{
	reference->units = arena_array(reference->arena, units->n, sizeof *reference->units);
	reference->answers = arena_array(reference->arena, units->n, sizeof *reference->answers);
	reference->reads = arena_array(reference->arena, units->n, sizeof *reference->reads);
	if (!reference->units || !reference->answers || !reference->reads)
		return -1;
	for (uint32_t i = 0; i < units->n; i++) {
		const struct unit *unit = &units->items[i];
		const char *name = arena_text(reference->arena, unit->name, strlen(unit->name));
		if (!name)
			return -1;
		reference->units[i] = (struct reference_unit){unit->identity, name, unit->touches,
			mixture_loops(units, i)};
		reference->reads[i] = reads_of(units, i);
		reference->answers[i] = (struct refusal_answer){
			.unit = unit->identity,
			.worked = refusal_conduct_of(units, i).worked,
			.has_result = unit->has_result,
			.result = unit->result,
		};
		reference->nunits++;
	}
	return 0;
}

/* The first step at which the unit with this identity touches something; nsteps when it never does. */
static uint32_t first_touch(const struct unit_list *units, uint64_t identity)
{
	for (uint32_t i = 0; i < units->trace->nsteps; i++)
		if (units->of_step[i] && units->items[units->of_step[i] - 1].identity == identity &&
		    unit_step_touches(units->trace, i))
			return i;
	return units->trace->nsteps;
}

/* Position of a unit in the order that was asked for; norder when it is not in there. */
static uint32_t position(const struct agenda_item *item, uint64_t identity)
{
	uint32_t i = 0;

	while (i < item->norder && item->order[i] != identity)
		i++;
	return i;
}

/* A mark is of use when all units before it had finished and none after it had begun to touch anything. */
static bool mark_is_clean(const struct unit_list *units, const struct agenda_item *item)
{
	uint32_t mark = first_touch(units, item->order[item->mark]);

	for (uint32_t i = 0; i < units->trace->nsteps; i++) {
		if (!units->of_step[i] || !unit_step_touches(units->trace, i))
			continue;
		uint32_t at = position(item, units->items[units->of_step[i] - 1].identity);
		if (i < mark ? at >= item->mark : at < item->mark)
			return false;
	}
	return true;
}

/* Units that are not there can't have run in the order that was asked for. */
static bool has_all(const struct unit_list *units, const struct agenda_item *item)
{
	for (uint32_t i = 0; i < item->norder; i++)
		if (!unit_find(units, item->order[i]))
			return false;
	return true;
}

static const char *find_complaint(const struct observation *observation, const struct unit_list *units,
	const struct agenda_item *item)
{
	if (observation->trace->result.outcome != OUTCOME_EXITED)
		return "did not end by itself";
	if (!has_all(units, item))
		return "had other units than the execution that it should explain";
	if (item->marked && observation->nmarked == 0 && observation->nimages > 0)
		return "left no copy of the databases";
	if (item->marked && !mark_is_clean(units, item))
		return "could not be stopped between two units";
	return NULL;
}

struct reference *reference_open(const struct observation *observation, const struct unit_list *units,
	const struct agenda_item *item)
{
	struct reference *reference = calloc(1, sizeof *reference);

	if (!reference)
		return NULL;
	reference->marked = item->marked;
	reference->complaint = find_complaint(observation, units, item);
	reference->usable = reference->complaint == NULL;
	reference->arena = arena_open();
	reference->ending = ending_open(observation, units, item->marked ? ENDING_MARKED : ENDING_WHOLE,
		item->marked ? first_touch(units, item->order[item->mark]) : ~0U, true);
	if (reference->arena && reference->ending && take_units(reference, units) == 0)
		return reference;
	reference_close(reference);
	return NULL;
}

int reference_hash(struct reference *reference, const struct mask *mask)
{
	reference->hash = ending_hash(reference->ending, mask);
	return reference->hash ? 0 : -1;
}

static int learn_images(struct ending *left, struct ending *right, struct mask *mask)
{
	int learned = 0;

	for (uint32_t i = 0; i < left->nimages; i++)
		for (uint32_t j = 0; j < right->nimages; j++) {
			if (strcmp(left->images[i]->database, right->images[j]->database) != 0)
				continue;
			int more = mask_learn(mask, left->images[i], right->images[j]);
			if (more < 0)
				return -1;
			learned += more;
		}
	return learned;
}

/* Hides the keys of effects of which one execution has more than the other. */
static int learn_effects(const struct ending *left, const struct ending *right, struct mask *mask)
{
	int learned = 0;

	for (uint32_t i = 0; i < left->neffects; i++) {
		const struct ending_effect *effect = &left->effects[i];
		if (mask_hides_effect(mask, effect->name) || ending_count(left, effect->name, effect->key) ==
		    ending_count(right, effect->name, effect->key))
			continue;
		if (mask_hide_effect(mask, effect->name) < 0)
			return -1;
		learned++;
	}
	return learned;
}

/* Hides the bodies of replies that differ between two equal runs; also all of that name, as those of effects. */
static int learn_replies(const struct ending *left, const struct ending *right, struct mask *mask)
{
	int learned = 0;

	for (uint32_t i = 0; i < left->nreplies; i++) {
		const struct ending_reply *reply = &left->replies[i], *other = ending_reply(right, reply->unit);
		if (!other || other->digest == reply->digest || mask_hides_effect(mask, reply->name))
			continue;
		if (mask_hide_effect(mask, reply->name) < 0)
			return -1;
		learned++;
	}
	return learned;
}

static bool statuses_differ(const struct ending *left, const struct ending *right)
{
	bool differ = left->status != right->status || left->nexits != right->nexits;

	for (uint32_t i = 0; !differ && i < left->nexits; i++)
		differ = left->exits[i].unit != right->exits[i].unit || left->exits[i].status != right->exits[i].status;
	return differ;
}

int reference_learn(struct reference *left, struct reference *right, bool images, struct mask *mask, bool *statuses)
{
	int columns = images ? learn_images(left->ending, right->ending, mask) : 0;
	int effects = learn_effects(left->ending, right->ending, mask);
	int reverse = learn_effects(right->ending, left->ending, mask);
	int replies = learn_replies(left->ending, right->ending, mask);

	*statuses = *statuses || statuses_differ(left->ending, right->ending);
	return columns < 0 || effects < 0 || reverse < 0 || replies < 0 ? -1 : columns + effects + reverse + replies;
}

void reference_close(struct reference *reference)
{
	if (!reference)
		return;
	ending_close(reference->ending);
	arena_close(reference->arena);
	free(reference);
}

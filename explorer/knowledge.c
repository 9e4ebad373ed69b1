#include "knowledge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clearing.h"
#include "shared/op.h"

enum { REMARK_BYTES = 80 };

int knowledge_init(struct knowledge *knowledge, const char *const *ignores)
{
	*knowledge = (struct knowledge){.mask = mask_open(ignores)};
	return knowledge->mask ? 0 : -1;
}

static struct agenda_item item_of(const struct serial_order *order, bool other)
{
	struct agenda_item item = {.norder = order->n, .other = other};

	memcpy(item.order, order->units, order->n * sizeof *order->units);
	return item;
}

static int64_t want(struct knowledge *knowledge, const struct agenda_item *item)
{
	int64_t index = agenda_want(&knowledge->agenda, item);

	if (index < 0)
		knowledge->memory_short = true;
	return index;
}

/* Is the item the very first one, which ran in creation order before the units were known, spelt out? */
static bool is_first(const struct knowledge *knowledge, const struct agenda_item *item)
{
	const struct serial_order *created = &knowledge->created;

	return knowledge->first_is_serial && !item->other && !item->moved && !item->marked && created->n == item->norder &&
		memcmp(created->units, item->order, item->norder * sizeof *item->order) == 0;
}

enum knowledge_answer knowledge_has(struct knowledge *knowledge, const struct serial_order *order)
{
	struct agenda_item item = item_of(order, false);

	if (is_first(knowledge, &item))
		return KNOWLEDGE_HAS;
	int64_t index = want(knowledge, &item);
	if (index >= knowledge->agenda.nanswered)
		return KNOWLEDGE_ASKED;
	return index >= 0 && knowledge->references[index]->usable ? KNOWLEDGE_HAS : KNOWLEDGE_LACKS;
}

const struct reference *knowledge_marked(struct knowledge *knowledge, const struct agenda_item *item)
{
	int64_t index = want(knowledge, item);

	return index >= 0 && index < knowledge->agenda.nanswered ? knowledge->references[index] : NULL;
}

/*
 * Creation order and its reverse, twice each. Where servers are asked, the first one again: rows of tables that executions
 * make themselves lie where it says, but for what units change, so that what it puts into databases goes on to count.
 */
static void want_basics(struct knowledge *knowledge, const struct unit_list *units)
{
	struct serial_order reverse;

	serial_order_created(units, &knowledge->coupling, false, &knowledge->created);
	serial_order_created(units, &knowledge->coupling, true, &reverse);
	if (knowledge->created.n < 2)
		return;
	for (int i = 0; i < 4; i++) {
		struct agenda_item item = item_of(i < 2 ? &knowledge->created : &reverse, i % 2);
		if (!is_first(knowledge, &item))
			want(knowledge, &item);
	}
	struct agenda_item moved = item_of(&knowledge->created, false);
	moved.moved = true;
	if (trace_first(units->trace, OP_DB_STATEMENT) < units->trace->nsteps)
		want(knowledge, &moved);
}

/* The reference for the same order with the first clock. */
static struct reference *find_twin(const struct knowledge *knowledge, const struct agenda_item *item)
{
	struct agenda_item plain = *item;

	plain.other = plain.moved = false;
	if (is_first(knowledge, &plain))
		return knowledge->references[0];
	for (uint32_t i = 0; i + 1 < knowledge->agenda.nanswered; i++) {
		const struct agenda_item *twin = &knowledge->agenda.items[i];
		if (!twin->other && !twin->moved && !twin->marked && twin->norder == item->norder &&
		    memcmp(twin->order, item->order, item->norder * sizeof *item->order) == 0)
			return knowledge->references[i];
	}
	return NULL;
}

static void learn_volatile(struct knowledge *knowledge, const struct agenda_item *item, struct reference *reference)
{
	struct reference *twin = item->other || item->moved ? find_twin(knowledge, item) : NULL;
	bool before = knowledge->statuses_differ;

	if (!twin || !twin->usable || !reference->usable)
		return;
	if (reference_learn(twin, reference, !item->moved, knowledge->mask, &knowledge->statuses_differ) < 0 ||
	    reads_learn(&knowledge->unsteady, twin->reads, twin->nunits, reference->reads, reference->nunits) < 0)
		knowledge->memory_short = true;
	for (uint32_t i = 0; mask_learned(knowledge->mask, i); i++)
		knowledge_remark(knowledge, "not compared in full: %s differs between two equal serial runs",
			mask_learned(knowledge->mask, i));
	if (knowledge->statuses_differ && !before)
		knowledge_remark(knowledge, "exit statuses are not compared: they differ between two equal serial runs");
}

static void note_pairs(struct knowledge *knowledge, uint32_t before, int result)
{
	if (result < 0)
		knowledge->memory_short = true;
	for (uint32_t i = before; i < knowledge->coupling.npairs; i++)
		knowledge_remark(knowledge, "not judged: %s and %s wait for each other",
			knowledge->coupling.pairs[i].left_name, knowledge->coupling.pairs[i].right_name);
}

void knowledge_note_waits(struct knowledge *knowledge, const struct unit_list *units)
{
	uint32_t before = knowledge->coupling.npairs;

	note_pairs(knowledge, before, coupling_note_waits(&knowledge->coupling, units));
}

/* Units that could not be run one after another; the basic orders are wanted again when there are new ones. */
static void learn_coupling(struct knowledge *knowledge, const struct unit_list *units)
{
	uint32_t before = knowledge->coupling.npairs;

	knowledge_note_waits(knowledge, units);
	note_pairs(knowledge, before, coupling_note_serial(&knowledge->coupling, units));
	if (knowledge->coupling.npairs > before)
		want_basics(knowledge, units);
}

/*
 * The first execution ran before its units were known. It is a reference when they happened to run one after another;
 * when not, that says nothing about them.
 */
static void learn_first(struct knowledge *knowledge, const struct unit_list *units, struct reference *reference)
{
	const char *clearing = clearing_find(units);

	if (clearing)
		knowledge_remark(knowledge, "not compared: what units have left in tables that the program empties before it ends (%.*s)",
			REMARK_BYTES, clearing);
	knowledge_note_waits(knowledge, units);
	knowledge->first_is_serial = coupling_is_serial(units);
	reference->usable = knowledge->first_is_serial;
	want_basics(knowledge, units);
	/* coupled units may have to run in another order than they were created in */
	knowledge->first_is_serial = knowledge->first_is_serial && knowledge->coupling.npairs == 0;
}

/* The mask has changed: what was equal may differ now, and the other way round. */
static void hash_again(struct knowledge *knowledge)
{
	for (uint32_t i = 0; i < knowledge->agenda.nanswered; i++) {
		struct reference *reference = knowledge->references[i];
		reference->ending->status_counts = !reference->marked && !knowledge->statuses_differ;
		if (reference_hash(reference, knowledge->mask) < 0)
			knowledge->memory_short = true;
	}
}

/* Room for the reference of the item that was just answered. */
static bool keep(struct knowledge *knowledge, struct reference *reference)
{
	struct reference **grown = reference ?
		realloc(knowledge->references, knowledge->agenda.nanswered * sizeof *grown) : NULL;

	if (grown) {
		knowledge->references = grown;
		grown[knowledge->agenda.nanswered - 1] = reference;
		return true;
	}
	/* it stays unanswered for good, and everything unknown stays unknown */
	knowledge->agenda.nanswered--;
	knowledge->memory_short = true;
	reference_close(reference);
	return false;
}

void knowledge_learn(struct knowledge *knowledge, const struct observation *observation, const struct unit_list *units)
{
	const struct agenda_item *answered = agenda_answer(&knowledge->agenda);

	if (!answered)
		return;
	struct agenda_item item = *answered; /* the agenda may grow and move */
	struct reference *reference = reference_open(observation, units, &item);
	if (!keep(knowledge, reference))
		return;
	if (!reference->usable)
		knowledge_remark(knowledge, "a serial execution %s and is not taken for a reference",
			reference->complaint);
	else if (knowledge->agenda.nanswered == 1)
		learn_first(knowledge, units, reference);
	else if (!reference->marked)
		learn_coupling(knowledge, units);
	learn_volatile(knowledge, &item, reference);
	hash_again(knowledge);
}

bool knowledge_is_legal(const struct knowledge *knowledge, uint64_t hash)
{
	for (uint32_t i = 0; i < knowledge->agenda.nanswered; i++) {
		const struct reference *reference = knowledge->references[i];
		if (reference->usable && !reference->marked && reference->hash == hash)
			return true;
	}
	return false;
}

int64_t knowledge_find_skewed(const struct knowledge *knowledge, uint64_t hash, const struct unit_list *units)
{
	int64_t skewed = -1;

	for (uint32_t i = 0; i < knowledge->agenda.nanswered; i++) {
		const struct reference *reference = knowledge->references[i];
		if (!reference->usable || reference->marked || reference->hash != hash)
			continue;
		skewed = reads_compare(units, reference->reads, reference->nunits, &knowledge->unsteady);
		if (skewed < 0)
			return -1;
	}
	return skewed;
}

void knowledge_remark(struct knowledge *knowledge, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	for (uint32_t i = 0; i < knowledge->nremarks; i++)
		if (strcmp(knowledge->remarks[i], text) == 0)
			goto known;
	const char **grown = realloc(knowledge->remarks, (knowledge->nremarks + 2UL) * sizeof *grown);
	if (!grown)
		goto known;
	knowledge->remarks = grown;
	grown[knowledge->nremarks++] = text;
	grown[knowledge->nremarks] = NULL;
	return;
known:
	free(text);
}

void knowledge_fini(struct knowledge *knowledge)
{
	for (uint32_t i = 0; i < knowledge->agenda.nanswered; i++)
		reference_close(knowledge->references[i]);
	for (uint32_t i = 0; i < knowledge->nremarks; i++)
		free((char *)knowledge->remarks[i]);
	free(knowledge->references);
	free(knowledge->remarks);
	reads_unsteady_fini(&knowledge->unsteady);
	coupling_fini(&knowledge->coupling);
	agenda_fini(&knowledge->agenda);
	mask_close(knowledge->mask);
	*knowledge = (struct knowledge){0};
}

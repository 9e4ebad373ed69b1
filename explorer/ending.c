#include "ending.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "arena.h"
#include "db/digest.h"
#include "db/issued.h"

static const char *keep_text(struct ending *ending, const char *text, bool keep)
{
	return keep ? arena_text(ending->arena, text, strlen(text)) : text;
}

static int take_images(struct ending *ending, const struct observation *observation, const struct unit_list *units,
	bool marked, bool keep)
{
	uint32_t n = marked ? observation->nmarked : observation->nimages;
	struct image **from = marked ? observation->marked : observation->images;
	uint32_t first_step = unit_first_step(units);

	ending->images = arena_array(ending->arena, n, sizeof *ending->images);
	if (!ending->images)
		return -1;
	if (keep)
		ending->owned = ending->images;
	for (uint32_t i = 0; i < n; i++) {
		if (issued_mark(from[i], observation->trace, first_step) < 0)
			return -1;
		ending->images[i] = keep ? image_copy(from[i]) : from[i];
		if (!ending->images[i])
			return -1;
		ending->nimages++;
	}
	return 0;
}

static int take_effects(struct ending *ending, const struct unit_list *units, enum ending_scope scope, uint32_t until,
	bool keep)
{
	const struct trace *trace = units->trace;

	ending->effects = arena_array(ending->arena, trace->neffects, sizeof *ending->effects);
	if (!ending->effects)
		return -1;
	for (uint32_t i = 0; i < trace->neffects; i++) {
		const struct trace_effect *from = &trace->effects[i];
		uint32_t unit = unit_of(units, from->task, from->at_step);
		if ((scope == ENDING_MARKED && from->at_step >= until) || (!unit && scope != ENDING_WHOLE))
			continue;
		struct ending_effect *effect = &ending->effects[ending->neffects++];
		effect->unit = unit ? units->items[unit - 1].identity : 0;
		effect->name = keep_text(ending, from->name, keep);
		effect->key = keep_text(ending, from->key, keep);
		if (!effect->name || !effect->key)
			return -1;
	}
	return 0;
}

/* Has the unit changed rows, or had an effect? What those that only read are told is a matter of --reads. */
static bool has_worked(const struct unit_list *units, uint32_t unit)
{
	const struct trace *trace = units->trace;

	for (uint32_t i = 0; i < trace->ntransactions; i++)
		if (trace->transactions[i].changes > 0 &&
		    unit_of(units, trace->transactions[i].task, trace->transactions[i].at_step) == unit + 1)
			return true;
	for (uint32_t i = 0; i < trace->neffects; i++)
		if (unit_of(units, trace->effects[i].task, trace->effects[i].at_step) == unit + 1)
			return true;
	return false;
}

static int take_replies(struct ending *ending, const struct unit_list *units, enum ending_scope scope, bool keep)
{
	const struct trace *trace = units->trace;

	if (!units->requests || scope != ENDING_WHOLE)
		return 0;
	ending->replies = arena_array(ending->arena, units->n, sizeof *ending->replies);
	if (!ending->replies)
		return -1;
	for (uint32_t i = 0; i < units->n; i++) {
		const struct trace_request *request = &trace->requests[i];
		if (!request->replied || !has_worked(units, i))
			continue;
		const char *name = keep_text(ending, request->name, keep);
		if (!name)
			return -1;
		ending->replies[ending->nreplies++] = (struct ending_reply){request->identity, name, request->status,
			request->digest};
	}
	return 0;
}

static int take_exits(struct ending *ending, const struct unit_list *units)
{
	ending->exits = arena_array(ending->arena, units->n, sizeof *ending->exits);
	if (!ending->exits)
		return -1;
	for (uint32_t i = 0; i < units->n; i++) {
		const struct unit *unit = &units->items[i];
		if (unit->kind == UNIT_PROCESS && unit->has_result)
			ending->exits[ending->nexits++] = (struct ending_exit){unit->identity, unit->result};
	}
	return 0;
}

struct ending *ending_open(const struct observation *observation, const struct unit_list *units,
	enum ending_scope scope, uint32_t until, bool keep)
{
	struct ending *ending = calloc(1, sizeof *ending);

	if (!ending)
		return NULL;
	ending->arena = arena_open();
	ending->status = observation->trace->result.status;
	ending->status_counts = scope == ENDING_WHOLE;
	if (!ending->arena || take_images(ending, observation, units, scope == ENDING_MARKED, keep) < 0 ||
	    take_effects(ending, units, scope, until, keep) < 0 || take_exits(ending, units) < 0 ||
	    take_replies(ending, units, scope, keep) < 0) {
		ending_close(ending);
		return NULL;
	}
	return ending;
}

static uint64_t pair_hash(uint64_t left, uint64_t right)
{
	uint64_t pair[2] = {left, right};

	return XXH3_64bits(pair, sizeof pair);
}

static uint64_t text_hash(const char *text)
{
	return XXH3_64bits(text, strlen(text));
}

/* A sum: neither the order of effects nor of databases means anything. */
static uint64_t effects_hash(const struct ending *ending, const struct mask *mask)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < ending->neffects; i++) {
		const struct ending_effect *effect = &ending->effects[i];
		bool hidden = mask_hides_effect(mask, effect->name);
		sum += pair_hash(text_hash(effect->name), hidden ? 0 : text_hash(effect->key));
	}
	return pair_hash(sum, ending->neffects);
}

static uint64_t replies_hash(const struct ending *ending, const struct mask *mask)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < ending->nreplies; i++) {
		const struct ending_reply *reply = &ending->replies[i];
		uint64_t body = mask_hides_effect(mask, reply->name) ? 0 : reply->digest;
		sum += pair_hash(reply->unit, pair_hash(reply->status, body));
	}
	return pair_hash(sum, ending->nreplies);
}

static uint64_t statuses_hash(const struct ending *ending)
{
	uint64_t sum = 0;

	if (!ending->status_counts)
		return 0;
	for (uint32_t i = 0; i < ending->nexits; i++)
		sum += pair_hash(ending->exits[i].unit, (uint64_t)ending->exits[i].status);
	return pair_hash(sum, (uint64_t)ending->status);
}

uint64_t ending_hash(struct ending *ending, const struct mask *mask)
{
	uint64_t databases = 0;

	for (uint32_t i = 0; i < ending->nimages; i++) {
		mask_apply(mask, ending->images[i]);
		struct digest *digest = digest_open(ending->images[i]);
		if (!digest)
			return 0;
		databases += pair_hash(text_hash(ending->images[i]->database), digest->hash);
		digest_close(digest);
	}
	if (ending->nreplies > 0)
		databases += replies_hash(ending, mask);
	uint64_t hash = pair_hash(databases, pair_hash(effects_hash(ending, mask), statuses_hash(ending)));
	return hash ? hash : 1;
}

uint32_t ending_count(const struct ending *ending, const char *name, const char *key)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < ending->neffects; i++)
		n += strcmp(ending->effects[i].name, name) == 0 && (!key || strcmp(ending->effects[i].key, key) == 0);
	return n;
}

const struct ending_reply *ending_reply(const struct ending *ending, uint64_t unit)
{
	for (uint32_t i = 0; i < ending->nreplies; i++)
		if (ending->replies[i].unit == unit)
			return &ending->replies[i];
	return NULL;
}

const struct image *ending_image(const struct ending *ending, const char *database)
{
	for (uint32_t i = 0; i < ending->nimages; i++)
		if (strcmp(ending->images[i]->database, database) == 0)
			return ending->images[i];
	return NULL;
}

void ending_close(struct ending *ending)
{
	if (!ending)
		return;
	for (uint32_t i = 0; ending->owned && i < ending->nimages; i++)
		image_close(ending->owned[i]);
	arena_close(ending->arena);
	free(ending);
}

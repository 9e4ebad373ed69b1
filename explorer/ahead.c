#include "ahead.h"

#include <stddef.h>
#include <string.h>

enum {
	FIRST_WIDTH = 2,
	MOST_VAIN = 64, /* an answer that is used makes up for one that is not; beyond so many it is not worth the while */
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

static uint32_t norder_of(const struct plan *plan)
{
	return plan->norder < LIMIT_UNITS ? plan->norder : LIMIT_UNITS;
}

/* Of all that decides an execution; how long it may be is compared when it has ended. */
static uint64_t key_of(const struct plan_draft *draft)
{
	const struct plan *plan = &draft->plan;
	uint64_t hash = mix(plan->seed, plan->choices);

	hash = mix(hash, plan->clock_start_ns);
	hash = mix(hash, (uint64_t)plan->chooser << 48 | (uint64_t)plan->flags << 32 | plan->depth);
	hash = mix(hash, (uint64_t)plan->length << 32 | plan->norder);
	hash = mix(hash, plan->faults);
	for (uint32_t i = 0; i < norder_of(plan); i++)
		hash = mix(hash, plan->order[i]);
	for (uint32_t i = 0; i < draft->nprefix; i++) {
		const struct directive *directive = &draft->prefix[i];
		hash = mix(hash, (uint64_t)directive->form << 56 | (uint64_t)directive->kind << 48 |
			(uint64_t)directive->task << 32 | directive->value);
	}
	return hash;
}

/* Keys that are equal by accident are no reason to believe another plan's answer. */
static bool is_same(const struct control *control, const struct slot *slot, const struct plan_draft *draft)
{
	const struct plan *left = &slot->plan, *right = &draft->plan;
	const char *prefix = (const char *)control + slot->prefix_offset;

	return left->seed == right->seed && left->choices == right->choices &&
		left->clock_start_ns == right->clock_start_ns && left->chooser == right->chooser &&
		left->flags == right->flags && left->depth == right->depth && left->length == right->length &&
		left->norder == right->norder && left->nprefix == draft->nprefix &&
		memcmp(left->order, right->order, norder_of(left) * sizeof left->order[0]) == 0 &&
		(draft->nprefix == 0 || memcmp(prefix, draft->prefix, draft->nprefix * sizeof *draft->prefix) == 0);
}

static uint32_t state_of(const struct control *control, uint32_t i)
{
	return __atomic_load_n(&control->slots[LIMIT_SLOTS + i].state, __ATOMIC_ACQUIRE);
}

/* They are handed out, and so asked for, slot after slot: `from` is where to look first. */
static uint32_t find(const struct ahead *ahead, const struct control *control, const struct plan_draft *draft,
	uint32_t from)
{
	uint64_t key = key_of(draft);

	for (uint32_t n = 0; n < AHEAD_SLOTS; n++) {
		uint32_t i = (from + n) % AHEAD_SLOTS;
		if (ahead->used[i] && ahead->keys[i] == key && is_same(control, &control->slots[LIMIT_SLOTS + i], draft))
			return i;
	}
	return AHEAD_NONE;
}

uint32_t ahead_find(struct ahead *ahead, const struct control *control, const struct plan_draft *draft)
{
	uint32_t i = ahead->width > 0 ? find(ahead, control, draft, ahead->next) : AHEAD_NONE;

	if (i == AHEAD_NONE)
		return AHEAD_NONE;
	ahead->next = i + 1;
	return LIMIT_SLOTS + i;
}

/* AHEAD_NONE: all are taken. What was forgotten while it ran is free once it has ended. */
static uint32_t find_free(const struct ahead *ahead, const struct control *control)
{
	for (uint32_t i = 0; i < AHEAD_SLOTS; i++)
		if (!ahead->used[i] && (state_of(control, i) == SLOT_IDLE || state_of(control, i) == SLOT_DONE))
			return i;
	return AHEAD_NONE;
}

/* False: there is no room. */
static bool put(struct ahead *ahead, struct block *block, const struct plan_draft *draft)
{
	uint32_t i = find_free(ahead, block->control);

	if (i == AHEAD_NONE || !block_put(block, LIMIT_SLOTS + i, draft))
		return false;
	ahead->used[i] = true;
	ahead->keys[i] = key_of(draft);
	return true;
}

void ahead_fill(struct ahead *ahead, struct block *block, uint64_t number, const struct outlook *outlook)
{
	struct control *control = block->control;
	uint32_t width = ahead->nvain < MOST_VAIN ? ahead->width : 0, nput = 0;
	uint64_t new = ahead->until > 0 ? ahead->until + 1 : UINT64_MAX; /* from that number on nothing was handed out */

	if (width == 0 || ahead->until > number + width / 2)
		return;
	for (uint32_t distance = 1; distance <= width; distance++) {
		plan_draft_clear(&ahead->draft);
		ahead->draft.plan.number = number + distance;
		if (!outlook->foresee(outlook->state, distance, &ahead->draft))
			break;
		if (number + distance < new && find(ahead, control, &ahead->draft, 0) != AHEAD_NONE)
			continue;
		if (!put(ahead, block, &ahead->draft))
			break;
		ahead->until = number + distance;
		nput++;
	}
	if (nput == 0)
		return;
	__atomic_store_n(&control->wake_at, ahead->until - width / 4, __ATOMIC_RELEASE);
	block_ring(block);
}

bool ahead_is_usable(const struct slot *slot, const struct plan_draft *draft)
{
	const struct result *result = &slot->result;

	return result->outcome == OUTCOME_EXITED && result->status == 0 && result->uncontrolled == 0 &&
		(result->remarks & ~REMARK_WORK) == REMARK_RESTORED && result->nsteps < draft->plan.max_steps &&
		result->nsteps < slot->plan.max_steps;
}

void ahead_hit(struct ahead *ahead)
{
	ahead->width = ahead->width == 0 ? FIRST_WIDTH : ahead->width * 2 < AHEAD_SLOTS ? ahead->width * 2 : AHEAD_SLOTS - 1;
	ahead->nvain -= ahead->nvain > 0 && ahead->nvain < MOST_VAIN;
}

void ahead_miss(struct ahead *ahead)
{
	ahead->width = 0;
}

void ahead_release(struct ahead *ahead, struct control *control, uint32_t index)
{
	ahead->used[index - LIMIT_SLOTS] = false;
	__atomic_store_n(&control->slots[index].state, SLOT_IDLE, __ATOMIC_RELEASE);
}

uint32_t ahead_halt(struct ahead *ahead, struct control *control)
{
	uint32_t running = AHEAD_NONE;

	for (uint32_t i = 0; i < AHEAD_SLOTS; i++) {
		uint32_t planned = SLOT_PLANNED;
		if (__atomic_compare_exchange_n(&control->slots[LIMIT_SLOTS + i].state, &planned, SLOT_IDLE, false,
				__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			ahead->used[i] = false;
		else if (planned == SLOT_CLAIMED || planned == SLOT_RUNNING)
			running = LIMIT_SLOTS + i;
	}
	ahead->until = 0;
	__atomic_store_n(&control->wake_at, 0, __ATOMIC_RELEASE);
	return running;
}

void ahead_drop(struct ahead *ahead, struct control *control)
{
	for (uint32_t i = 0; i < AHEAD_SLOTS; i++) {
		ahead->nvain += ahead->used[i];
		ahead->used[i] = false;
		if (state_of(control, i) == SLOT_DONE)
			__atomic_store_n(&control->slots[LIMIT_SLOTS + i].state, SLOT_IDLE, __ATOMIC_RELEASE);
	}
}

void ahead_forget(struct ahead *ahead, struct control *control)
{
	for (uint32_t i = 0; i < AHEAD_SLOTS; i++) {
		ahead->used[i] = false;
		control->slots[LIMIT_SLOTS + i].state = SLOT_IDLE;
	}
	ahead->until = 0;
	control->wake_at = 0;
}

void ahead_close(struct ahead *ahead)
{
	plan_draft_free(&ahead->draft);
}

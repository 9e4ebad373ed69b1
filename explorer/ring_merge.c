#include "ring_merge.h"

#include <stdlib.h>

#include "ring_barriers.h"
#include "ring_statement.h"

enum { MOST_MOMENTS = 2000000, NONE = ~0U };

bool ring_merge_is_operation(const struct ring_event *event)
{
	if (event->op == OP_SQLITE_CLOSE || event->op == OP_EXIT || (event->kind == RING_ACQUIRED && event->op == OP_NONE))
		return false;
	return event->kind == RING_OPERATION || event->kind == RING_ACQUIRED || event->kind == RING_UNIT ||
		event->kind == RING_EFFECT;
}

static const struct ring_event *events_of(const void *block, uint32_t task)
{
	return (const struct ring_event *)((const char *)block + ring_events_offset(task));
}

static uint32_t count_of(const struct rings *rings, uint32_t task)
{
	uint64_t count = rings->rings[task].count;
	return count < RING_EVENTS ? (uint32_t)count : RING_EVENTS;
}

/* Number of the oldest event that is still there. */
static uint64_t first_of(const struct rings *rings, uint32_t task)
{
	return rings->rings[task].count - count_of(rings, task);
}

static void find_since(struct ring_merge *merge, const void *block)
{
	for (uint32_t task = 1; task <= merge->ntasks; task++) {
		uint64_t first = first_of(merge->rings, task);
		const struct ring_event *oldest = &events_of(block, task)[first % RING_EVENTS];
		if (first > 0 && oldest->time > merge->since)
			merge->since = oldest->time;
	}
}

/* A slot that was being written when its task died may hold anything; stamps of a task only grow. */
static bool is_sound(const struct ring_event *event, uint64_t before)
{
	return event->time >= before && event->time != 0 && event->op < OP_COUNT && event->kind <= RING_LABEL;
}

static void add_events(struct ring_merge *merge, const void *block, uint32_t task)
{
	const struct ring_event *events = events_of(block, task);
	uint64_t first = first_of(merge->rings, task), before = merge->since;
	for (uint32_t i = 0; i < count_of(merge->rings, task); i++) {
		const struct ring_event *event = &events[(first + i) % RING_EVENTS];
		if (!is_sound(event, before))
			continue;
		before = event->time;
		merge->moments[merge->n++] = (struct ring_moment){.event = *event, .task = (uint16_t)task, .next = NONE};
	}
}

/* Equal stamps of one task stay in order: an event's place in the array is the last word. */
static int compare(const void *left, const void *right)
{
	const struct ring_moment *a = left, *b = right;
	if (a->event.time != b->event.time)
		return a->event.time < b->event.time ? -1 : 1;
	if (a->task != b->task)
		return a->task < b->task ? -1 : 1;
	return a->next < b->next ? -1 : a->next > b->next;
}

static void link_operations(struct ring_merge *merge)
{
	uint32_t following[LIMIT_TASKS];
	for (uint32_t i = 0; i < LIMIT_TASKS; i++)
		following[i] = NONE;
	for (uint32_t i = merge->n; i-- > 0;) {
		struct ring_moment *moment = &merge->moments[i];
		moment->next = following[moment->task];
		if (ring_merge_is_operation(&moment->event))
			following[moment->task] = i;
	}
}

/* The latest ones, when there are too many for one sitting. */
static void cut(struct ring_merge *merge)
{
	if (merge->n <= MOST_MOMENTS)
		return;
	uint32_t surplus = merge->n - MOST_MOMENTS;
	merge->since = merge->moments[surplus].event.time;
	for (uint32_t i = surplus; i < merge->n; i++)
		merge->moments[i - surplus] = merge->moments[i];
	merge->n = MOST_MOMENTS;
}

int ring_merge_init(struct ring_merge *merge, const void *block)
{
	const struct rings *rings = (const void *)((const char *)block + ring_head_offset());
	size_t n = 0;
	*merge = (struct ring_merge){.rings = rings, .ntasks = rings->ntasks};
	if (merge->ntasks >= LIMIT_TASKS)
		merge->ntasks = LIMIT_TASKS - 1;
	for (uint32_t task = 1; task <= merge->ntasks; task++)
		n += count_of(rings, task);
	merge->moments = calloc(n + 1, sizeof(*merge->moments));
	if (!merge->moments)
		return -1;
	find_since(merge, block);
	for (uint32_t task = 1; task <= merge->ntasks; task++)
		add_events(merge, block, task);
	if (ring_statement_place(merge->moments, merge->n, block))
		return -1;
	for (uint32_t i = 0; i < merge->n; i++)
		merge->moments[i].next = i;
	qsort(merge->moments, merge->n, sizeof(*merge->moments), compare);
	cut(merge);
	ring_barriers_settle(merge);
	link_operations(merge);
	return 0;
}

void ring_merge_fini(struct ring_merge *merge)
{
	free(merge->moments);
	merge->moments = NULL;
}

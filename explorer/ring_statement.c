#include "ring_statement.h"

#include <stdlib.h>
#include <string.h>

#include "shared/hash.h"

struct row {
	uint64_t time, database;
	uint16_t task;
};

struct rows {
	struct row *items; /* by time */
	uint32_t n;
};

/* Each connection has a text of its own for the path. */
static uint64_t database_of(const struct ring_event *event, const struct control *control)
{
	uint64_t at = event->object;
	bool is_text = at && at < LIMIT_TEXT_BYTES && memchr(control->text + at, '\0', LIMIT_TEXT_BYTES - at);

	return is_text ? hash_text(control->text + at) : at;
}

static int compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	return a->time < b->time ? -1 : a->time > b->time;
}

static int collect(struct rows *rows, const struct ring_moment *moments, uint32_t n, const struct control *control)
{
	rows->items = calloc(n + 1, sizeof(*rows->items));
	if (!rows->items)
		return -1;
	for (uint32_t i = 0; i < n; i++)
		if (moments[i].event.kind == RING_ROW)
			rows->items[rows->n++] = (struct row){.time = moments[i].event.time, .task = moments[i].task,
				.database = database_of(&moments[i].event, control)};
	qsort(rows->items, rows->n, sizeof(*rows->items), compare_rows);
	return 0;
}

/* When another task first changed a row after this time; ~0: none did. */
static uint64_t next_row(const struct rows *rows, uint64_t time, uint16_t task, uint64_t database)
{
	uint32_t low = 0, high = rows->n;

	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (rows->items[middle].time <= time)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < rows->n; low++)
		if (rows->items[low].task != task && rows->items[low].database == database)
			return rows->items[low].time;
	return UINT64_MAX;
}

static bool is_statement(const struct ring_event *event)
{
	return event->kind == RING_OPERATION && op_info(event->op)->object_kind == OBJECT_DATABASE &&
		event->op != OP_SQLITE_CLOSE;
}

/* The moment that says what became of the statement at `first`; `first` itself: it was never told. */
static uint32_t find_end(const struct ring_moment *moments, uint32_t n, uint32_t first)
{
	uint32_t end = first + 1;

	while (end < n && moments[end].task == moments[first].task && moments[end].event.kind == RING_ROW)
		end++;
	bool told = end < n && moments[end].task == moments[first].task && moments[end].event.kind == RING_TRANSACTION;
	return told ? end : first;
}

static uint64_t time_of(const struct ring_moment *moments, uint32_t first, uint32_t end, const struct rows *rows,
	uint64_t database)
{
	uint64_t locked = moments[first].event.time, over = moments[end].event.time;

	if (moments[first].event.op == OP_SQLITE_RESET)
		return locked; /* which lets others go */
	if (!(moments[end].event.result & RING_COMMITTED))
		return over;
	if (moments[first + 1].event.kind == RING_ROW)
		locked = moments[first + 1].event.time;
	uint64_t next = next_row(rows, locked, moments[first].task, database);
	return next <= over ? next - 1 : over;
}

int ring_statement_place(struct ring_moment *moments, uint32_t n, const struct control *control)
{
	struct rows rows = {0};

	if (collect(&rows, moments, n, control))
		return -1;
	for (uint32_t first = 0; first < n; first++) {
		uint32_t end = is_statement(&moments[first].event) ? find_end(moments, n, first) : first;
		if (end == first)
			continue;
		uint64_t time = time_of(moments, first, end, &rows, database_of(&moments[first].event, control));
		for (uint32_t i = first; i <= end; i++)
			moments[i].event.time = time;
		first = end;
	}
	free(rows.items);
	return 0;
}

#include "surroundings.h"

#include <string.h>

/* `latest`: of several accesses to one place the last counts, else the first. */
static void add(struct surroundings_list *list, const struct history_access *access, bool latest)
{
	for (uint32_t i = 0; i < list->n && i < SURROUNDINGS_PLACES; i++)
		if (list->places[i].database == access->database && list->places[i].table == access->table) {
			if (latest)
				list->places[i].step = access->step;
			return;
		}
	if (list->n < SURROUNDINGS_PLACES)
		list->places[list->n] = (struct surroundings_place){access->database, access->step, access->table};
	if (list->n <= SURROUNDINGS_PLACES)
		list->n++;
}

static bool has(const struct surroundings_list *list, const struct history_access *access)
{
	for (uint32_t i = 0; i < list->n && i < SURROUNDINGS_PLACES; i++)
		if (list->places[i].database == access->database && list->places[i].table == access->table)
			return true;
	return list->n > SURROUNDINGS_PLACES;
}

/* It was asked for behind the read, whose reply it rests on; with others in one request perhaps, so not behind those. */
static void leave(struct surroundings_list *left, const struct history_access *access, const struct history_access *read)
{
	struct history_access earliest = *access;

	earliest.step = read->step;
	add(left, &earliest, false);
}

/* A statement that may do anything, a lock among it. */
static bool is_anything(const struct history_access *access)
{
	return access->table == 0;
}

void surroundings_of(struct surroundings *around, const struct trace *trace, const struct history *history,
	const struct history_access *read, const struct history_access *write)
{
	struct surroundings_list written = {0}, touched = {0};

	memset(around, 0, sizeof *around);
	for (uint32_t i = 0; i < history->naccesses; i++) {
		const struct history_access *access = &history->accesses[i];
		if (access->unit != read->unit)
			continue;
		if (access->step < read->step && access->writes)
			add(is_anything(access) || !history_ended_between(trace, access, write) ? &around->guards : &written, access, false);
		if (access->step < read->step && access->reads)
			add(&around->found, access, true);
		if (access->step > write->step && access->writes)
			leave(&around->left, access, read);
		if (access->step > write->step)
			add(&touched, access, false);
	}
	for (uint32_t i = 0; i < written.n && i < SURROUNDINGS_PLACES; i++) {
		const struct history_access place = {.database = written.places[i].database, .table = written.places[i].table};
		if (has(&touched, &place))
			add(&around->guards, &place, false);
	}
}

static bool is_same(const struct surroundings_place *one, const struct surroundings_place *other)
{
	return one->database == other->database && (one->table == other->table || one->table == 0 || other->table == 0);
}

static bool is_full(const struct surroundings_list *list)
{
	return list->n > SURROUNDINGS_PLACES;
}

bool surroundings_have_common_guard(const struct surroundings *one, const struct surroundings *other)
{
	if ((is_full(&one->guards) && other->guards.n) || (is_full(&other->guards) && one->guards.n))
		return true;
	for (uint32_t i = 0; i < one->guards.n; i++)
		for (uint32_t k = 0; k < other->guards.n; k++)
			if (is_same(&one->guards.places[i], &other->guards.places[k]))
				return true;
	return false;
}

bool surroundings_tell(const struct surroundings *earlier, const struct surroundings *later)
{
	if ((is_full(&earlier->left) && later->found.n) || (is_full(&later->found) && earlier->left.n))
		return true;
	for (uint32_t i = 0; i < earlier->left.n; i++)
		for (uint32_t k = 0; k < later->found.n; k++)
			if (is_same(&earlier->left.places[i], &later->found.places[k]) &&
				earlier->left.places[i].step < later->found.places[k].step)
				return true;
	return false;
}

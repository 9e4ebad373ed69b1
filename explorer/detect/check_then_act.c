/*
 * Check-then-act on a database, read off one observed run: two units each read a table and later, in another
 * transaction, changed a row of it, and nothing kept the one from reading before the other had written. What the later
 * one wrote then rests on what was no longer so (a lost update), or both did what only one should (a double effect).
 *
 * It is a prediction: the order that does harm need not have happened. So that it is one that can be relied on, there is
 * none where anything speaks against it:
 *   - locks that are not seen (on files, or in Java, Rust, Go), unless it has happened: then none kept them apart;
 *   - a lock that both held from reading to writing, one transaction around both, or a second look at the table in the
 *     writing transaction; but where two transactions have both read before either wrote, and both were committed, they
 *     have not kept each other out: that depends on the server and its settings, and is told when it has happened;
 *   - a statement that looks at what it or the other changes (a conditional UPDATE, balance = balance - ?);
 *   - an order between the two by creation, join, conditions, semaphores and the like;
 *   - no row that both changed, or columns read that the other does not write, or are not known; another row that was
 *     read than the one which was changed;
 *   - something else that both changed before reading, as those do who take a lock in a database, and touched again
 *     afterwards, or hold still: a row, a key of Redis, an advisory lock;
 *   - something that the one left behind after writing and the other found before reading, unless it has happened;
 *   - both write the same and nothing else: marking something twice does no harm. Both must then have inserted into one
 *     table, or had one effect, after reading.
 * Reading alone is no sign: who only read this time may never write.
 */
#include <stdlib.h>
#include <string.h>

#include "../db/history.h"
#include "../hb.h"
#include "../holding.h"
#include "detector.h"
#include "surroundings.h"

enum { MOST_ACCESSES = 20000, MOST_ACTS = 2000, MOST_HELD = 8 };

/* The locks held at a step, each with the step at which it was taken. */
struct held {
	uint32_t step, n;
	struct { uint32_t object, since; } locks[MOST_HELD];
};

/* A unit read at `read` and changed a row of the same table at `write`; indices of accesses. */
struct act {
	const struct history_access *read, *write;
	const struct surroundings *around;
	bool together; /* in one transaction */
};

struct search {
	const struct trace *trace;
	struct unit_list *units;
	struct history *history;
	struct hb *hb;
	struct held *held;       /* [naccesses], in order of steps */
	uint32_t nheld;
	struct act acts[MOST_ACTS];
	uint32_t nacts;
	struct surroundings around[MOST_ACTS]; /* of each */
};

/* A statement of a server whose columns are known, or one of SQLite. */
static bool is_clear(const struct trace *trace, const struct history_access *access)
{
	return access->statement && !(trace->statements[access->statement].flags & (STATEMENT_VAGUE | STATEMENT_UNBOUNDED));
}

static const struct statement_table *table_of(const struct trace *trace, const struct history_access *access)
{
	const struct statement *statement = &trace->statements[access->statement];
	for (uint32_t i = 0; i < statement->ntables; i++)
		if (statement->tables[i].table == access->table)
			return &statement->tables[i];
	return NULL;
}

static bool is_database_step(const struct trace *trace, uint32_t step)
{
	return op_info(trace_step_announce(trace, step)->request.op)->object_kind == OBJECT_DATABASE;
}

static void note_held(void *state, const struct holdings *holdings, uint32_t step)
{
	struct search *search = state;
	uint16_t task = search->trace->steps[step].task;
	if (!is_database_step(search->trace, step) || search->nheld >= MOST_ACCESSES)
		return;
	struct held *held = &search->held[search->nheld++];
	held->step = step;
	for (uint32_t i = 0; i < holdings->n && held->n < MOST_HELD; i++) {
		const struct holding *item = &holdings->items[i];
		if (item->task != task || search->trace->objects[item->object].kind == OBJECT_DATABASE)
			continue;
		held->locks[held->n].object = item->object;
		held->locks[held->n++].since = item->step;
	}
}

static const struct held *held_at(const struct search *search, uint32_t step)
{
	uint32_t low = 0, high = search->nheld;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (search->held[middle].step < step)
			low = middle + 1;
		else
			high = middle;
	}
	return low < search->nheld && search->held[low].step == step ? &search->held[low] : NULL;
}

/* Was this lock held without a break from reading to writing? */
static bool is_kept(const struct search *search, const struct act *act, uint32_t object)
{
	const struct held *before = held_at(search, act->read->step), *after = held_at(search, act->write->step);
	for (uint32_t i = 0; before && after && i < before->n; i++)
		for (uint32_t k = 0; k < after->n; k++)
			if (before->locks[i].object == object && after->locks[k].object == object &&
				before->locks[i].since == after->locks[k].since)
				return true;
	return false;
}

static bool have_common_lock(const struct search *search, const struct act *left, const struct act *right)
{
	const struct held *held = held_at(search, left->read->step);
	for (uint32_t i = 0; held && i < held->n; i++)
		if (is_kept(search, left, held->locks[i].object) && is_kept(search, right, held->locks[i].object))
			return true;
	return false;
}

static bool reads_what_it_changes(const struct trace *trace, const struct history_access *writer,
	const struct history_access *other)
{
	const struct statement_table *mine = table_of(trace, writer), *its = table_of(trace, other);
	return !mine || !its || (mine->columns_read & its->columns_written);
}

static bool is_update(const struct trace *trace, const struct history_access *access)
{
	const struct statement_table *table = table_of(trace, access);
	if (!access->writes || !access->nrows || !access->statement || !table || table->columns_written == ~0ULL)
		return false;
	for (uint32_t i = access->first_row; i < access->first_row + access->nrows; i++)
		if (trace->rows[i].task == access->task && trace->rows[i].change != 'u')
			return false;
	return !reads_what_it_changes(trace, access, access);
}

/* In different transactions. */
static bool are_apart(const struct trace *trace, const struct history_access *read, const struct history_access *write)
{
	return read->connection != write->connection || history_ended_between(trace, read, write);
}

/* Rows that statements name by columns have the columns' names in bits 16 to 31, as has a look's digest. */
static bool looks_elsewhere(const struct trace *trace, const struct history_access *read, const struct history_access *write)
{
	uint64_t look = trace->steps[read->step].digest;
	for (uint32_t i = write->first_row; look && i < write->first_row + write->nrows; i++) {
		uint64_t row = (uint64_t)trace->rows[i].rowid;
		if (trace->rows[i].task == write->task && ((row ^ look) >> 16 & 0xffff) == 0 && ((row ^ look) & 0xffff))
			return true;
	}
	return false;
}

/* The last look that the unit took at the table before it wrote. */
static const struct history_access *look_before(const struct search *search, uint32_t index)
{
	const struct history_access *write = &search->history->accesses[index];
	for (uint32_t i = index; i-- > 0;) {
		const struct history_access *read = &search->history->accesses[i];
		if (read->unit != write->unit || read->database != write->database || read->step == write->step)
			continue;
		if (read->table == 0)
			return NULL;
		if (read->table == write->table && read->reads && !read->writes)
			return read->task == write->task ? read : NULL;
	}
	return NULL;
}

static void add_act(struct search *search, const struct history_access *read, const struct history_access *write)
{
	struct surroundings *around = &search->around[search->nacts];
	surroundings_of(around, search->trace, search->history, read, write);
	search->acts[search->nacts++] = (struct act){read, write, around, !are_apart(search->trace, read, write)};
}

static void find_acts(struct search *search)
{
	for (uint32_t i = 0; i < search->history->naccesses && search->nacts < MOST_ACTS; i++) {
		const struct history_access *write = &search->history->accesses[i];
		if (!is_update(search->trace, write))
			continue;
		const struct history_access *read = look_before(search, i);
		if (read && is_clear(search->trace, read) && !looks_elsewhere(search->trace, read, write))
			add_act(search, read, write);
	}
}

static bool change_common_row(const struct trace *trace, const struct history_access *left,
	const struct history_access *right)
{
	for (uint32_t i = left->first_row; i < left->first_row + left->nrows; i++)
		for (uint32_t k = right->first_row; k < right->first_row + right->nrows; k++)
			if (trace->rows[i].task == left->task && trace->rows[k].task == right->task &&
				trace->rows[i].rowid == trace->rows[k].rowid)
				return true;
	return false;
}

static bool has_happened(const struct act *left, const struct act *right)
{
	return left->read->step < right->write->step && right->read->step < left->write->step;
}

/* What else the two did. */
static bool speaks_against(const struct act *left, const struct act *right)
{
	if (surroundings_have_common_guard(left->around, right->around))
		return true;
	return !has_happened(left, right) && (surroundings_tell(left->around, right->around) ||
		surroundings_tell(right->around, left->around));
}

/* Could either have read before the other wrote? That it did is the best of reasons. */
static bool can_interleave(const struct search *search, const struct act *left, const struct act *right)
{
	if (has_happened(left, right))
		return left->together == right->together;
	return !search->trace->hides_locks && !left->together && !right->together &&
		hb_is_concurrent(search->hb, left->write->step, right->read->step) &&
		hb_is_concurrent(search->hb, right->write->step, left->read->step) &&
		hb_is_concurrent(search->hb, left->read->step, right->read->step);
}

static bool reads_what_other_writes(const struct trace *trace, const struct act *left, const struct act *right)
{
	const struct statement_table *read = table_of(trace, left->read), *written = table_of(trace, right->write);
	return read && written && (read->columns_read & written->columns_written);
}

static bool inserts(const struct trace *trace, const struct history_access *access)
{
	for (uint32_t i = access->first_row; i < access->first_row + access->nrows; i++)
		if (trace->rows[i].task == access->task && trace->rows[i].change == 'i')
			return true;
	return false;
}

/* A table that the unit inserted into, or an effect that it had, after it read; by its name, in order. NULL: no more. */
static const char *consequence(const struct search *search, const struct act *act, uint32_t *next)
{
	const struct history *history = search->history;
	for (; *next < history->naccesses; ++*next) {
		const struct history_access *access = &history->accesses[*next];
		if (access->unit == act->read->unit && access->step > act->read->step && access->table != act->write->table &&
			inserts(search->trace, access))
			return history->accesses[(*next)++].name;
	}
	for (; *next - history->naccesses < search->trace->neffects; ++*next) {
		const struct trace_effect *effect = &search->trace->effects[*next - history->naccesses];
		if (effect->at_step > act->read->step &&
			unit_of(search->units, effect->task, effect->at_step) == act->read->unit + 1)
			return search->trace->effects[(*next)++ - history->naccesses].name;
	}
	return NULL;
}

static const char *common_consequence(const struct search *search, const struct act *left, const struct act *right)
{
	const char *mine, *its;
	for (uint32_t i = 0; (mine = consequence(search, left, &i));)
		for (uint32_t k = 0; (its = consequence(search, right, &k));)
			if (strcmp(mine, its) == 0)
				return mine;
	return NULL;
}

static bool write_differently(const struct trace *trace, const struct act *left, const struct act *right)
{
	uint64_t mine = trace->steps[left->write->step].digest, its = trace->steps[right->write->step].digest;
	return mine && its && mine != its;
}

static bool can_do_harm(const struct search *search, const struct act *left, const struct act *right)
{
	const struct trace *trace = search->trace;
	return left->write->unit != right->write->unit && left->write->database == right->write->database &&
		left->write->table == right->write->table && change_common_row(trace, left->write, right->write) &&
		reads_what_other_writes(trace, left, right) && reads_what_other_writes(trace, right, left) &&
		!reads_what_it_changes(trace, left->write, right->write) &&
		!reads_what_it_changes(trace, right->write, left->write) && !have_common_lock(search, left, right) &&
		can_interleave(search, left, right);
}

static int places_add(const struct search *search, const struct act *act, struct finding *finding)
{
	const struct trace *trace = search->trace;
	const char *unit = search->units->items[act->read->unit].name;
	uint32_t read = act->read->step, write = act->write->step;
	return finding_add_place(finding, trace, trace->steps[read].announce, read, "%s read %s", unit, act->read->name) ||
		finding_add_place(finding, trace, trace->steps[write].announce, write, "%s wrote %s", unit, act->write->name);
}

static int describe(const struct search *search, const struct act *left, const struct act *right,
	const char *consequence, struct finding *finding)
{
	const struct trace *trace = search->trace;
	bool happened = has_happened(left, right);
	const char *first = search->units->items[left->read->unit].name, *second = search->units->items[right->read->unit].name;
	if (finding_set_class(finding, consequence ? "double effect" : "lost update") ||
		finding_set_subject(finding, left->write->name))
		return -1;
	if (finding_set_message(finding, "serializability: %s and %s both read %s and then change the same row of it in "
		"%s%s%s (%s / %s): %s", first, second, left->write->name,
		left->together ? "one transaction, which does not keep others out" : "another transaction", consequence ? ", and both have an effect: " : "", consequence ? consequence : "",
		trace_statement_text(trace, left->read->statement), trace_statement_text(trace, left->write->statement),
		happened ? "both read before either wrote it" : "predicted, it has not happened: both can read before either writes"))
		return -1;
	return places_add(search, left, finding) || places_add(search, right, finding) ? -1 : 0;
}

static bool is_reported(const struct search *search, const struct finding_list *out, const struct act *left,
	const struct act *right)
{
	for (uint32_t i = 0; i < out->n; i++) {
		const struct finding *finding = out->items[i];
		if (strcmp(finding->kind, "serializability") || finding->nplaces != 4)
			continue;
		uint32_t a = trace_step_announce(search->trace, finding->places[1].step)->request.statement;
		uint32_t b = trace_step_announce(search->trace, finding->places[3].step)->request.statement;
		if ((a == left->write->statement && b == right->write->statement) ||
			(b == left->write->statement && a == right->write->statement))
			return true;
	}
	return false;
}

static int judge_pair(const struct search *search, const struct act *left, const struct act *right,
	struct finding_list *out)
{
	if (!can_do_harm(search, left, right) || is_reported(search, out, left, right) || speaks_against(left, right))
		return 0;
	const char *consequence = common_consequence(search, left, right);
	if (!consequence && !write_differently(search->trace, left, right))
		return 0;
	struct finding *finding = finding_new("serializability");
	if (!finding || describe(search, left, right, consequence, finding)) {
		finding_close(finding);
		return -1;
	}
	return finding_list_add(out, finding);
}

static uint32_t count_accesses(const struct trace *trace)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < trace->nsteps; i++)
		n += is_database_step(trace, i);
	return n;
}

static int look(struct search *search, struct finding_list *out)
{
	struct holdings holdings = {.stepped = note_held, .state = search};
	int status = holdings_replay(&holdings, search->trace);
	holdings_fini(&holdings);
	if (status)
		return -1;
	find_acts(search);
	for (uint32_t i = 1; i < search->nacts && !status; i++)
		for (uint32_t k = 0; k < i && !status; k++)
			status = judge_pair(search, &search->acts[k], &search->acts[i], out);
	return status;
}

static int judge(const struct trace *trace, struct finding_list *out)
{
	uint32_t naccesses = count_accesses(trace);
	if (naccesses == 0 || naccesses > MOST_ACCESSES)
		return 0;
	struct search *search = calloc(1, sizeof(*search));
	int status = -1;
	if (!search)
		return -1;
	search->trace = trace;
	search->held = calloc(naccesses, sizeof(*search->held));
	search->units = unit_list_open_observed(trace);
	search->history = search->units ? history_open(search->units) : NULL;
	search->hb = hb_open(trace, HB_SIGNALS, trace->nsteps);
	if (search->held && search->history && search->hb)
		status = look(search, out);
	hb_close(search->hb);
	history_close(search->history);
	unit_list_close(search->units);
	free(search->held);
	free(search);
	return status;
}

const struct detector detector_check_then_act = {
	.name = "check-then-act",
	.help = "units that read a row and change it later, which another can do in between",
	.judge = judge,
};

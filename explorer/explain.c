#include "explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classify.h"
#include "db/failure.h"
#include "overlap.h"
#include "refusal.h"
#include "witness.h"

enum { TEXT_BYTES = 1024, STATEMENT_BYTES = 160, KEY_BYTES = 24, SMALL_NUMBER_DIGITS = 6 };

static const char *unit_name(const struct explain_question *question, uint32_t unit)
{
	return unit < question->units->n ? question->units->items[unit].name : "?";
}

/* The statement that a step sent, cut where it is long; the operation's name where there is no text. */
static void statement_text(const struct explain_question *question, uint32_t step, char *out, size_t nbytes)
{
	const struct trace *trace = question->units->trace;
	const struct request *request = &trace_step_announce(trace, step)->request;
	const char *text = trace_statement_text(trace, request->statement);

	if (!*text)
		text = op_info(request->op)->text;
	snprintf(out, nbytes, "%.*s%s", STATEMENT_BYTES, text, strlen(text) > STATEMENT_BYTES ? "..." : "");
}

/* Keys of effects are the program's own words; one that could carry somebody's data is left out. */
static bool key_is_plain(const char *key)
{
	size_t digits = 0, length = strlen(key);

	for (const char *at = key; *at; at++) {
		digits = *at >= '0' && *at <= '9' ? digits + 1 : 0;
		if (digits > 6 || !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 #_:/-", *at))
			return false;
	}
	return length > 0 && length <= KEY_BYTES;
}

static void serial_text(const struct classification *classification, char *out, size_t nbytes)
{
	if (classification->least == classification->most)
		snprintf(out, nbytes, "every serial order gives %u", classification->least);
	else
		snprintf(out, nbytes, "serial orders give %u to %u", classification->least, classification->most);
}

static void effect_text(const struct classification *classification, char *out, size_t nbytes)
{
	char serial[64], key[KEY_BYTES + 16] = "";

	serial_text(classification, serial, sizeof serial);
	if (classification->key && key_is_plain(classification->key))
		snprintf(key, sizeof key, " for %s", classification->key);
	snprintf(out, nbytes, "effect %s%s happened %u time%s where %s", classification->effect, key,
		classification->have, classification->have == 1 ? "" : "s", serial);
}

/* " with order_id 1"; other values than small whole numbers are not shown. */
static void column_text(const struct classification *classification, char *out, size_t nbytes)
{
	const struct image_value *value = classification->value;

	out[0] = '\0';
	if (!classification->column)
		return;
	if (value->bytes[0] == 'i' && value->bytes[1] != '-' && value->nbytes - 1 <= SMALL_NUMBER_DIGITS)
		snprintf(out, nbytes, " with %s %s", classification->column, value->bytes + 1);
	else
		snprintf(out, nbytes, " with one %s", classification->column);
}

static void rows_text(const struct classification *classification, char *out, size_t nbytes)
{
	char serial[64], key[160];

	serial_text(classification, serial, sizeof serial);
	column_text(classification, key, sizeof key);
	snprintf(out, nbytes, "%s has %u row%s%s where %s", classification->table, classification->have,
		classification->have == 1 ? "" : "s", key, serial);
}

/* What is wrong: "shipments has 2 rows with order_id 1 where every serial order gives 1". */
static void what_text(const struct explain_question *question, const struct classification *classification,
	char *out, size_t nbytes)
{
	if (classification->anomaly == ANOMALY_LOST_WORK)
		snprintf(out, nbytes, "%s reports success although its work was not done",
			unit_name(question, (uint32_t)question->lost));
	else if (classification->anomaly == ANOMALY_HALF_DONE)
		snprintf(out, nbytes, "%s reports failure, but what it had committed before is still there",
			unit_name(question, (uint32_t)question->half));
	else if (classification->effect)
		effect_text(classification, out, nbytes);
	else if (classification->counted)
		rows_text(classification, out, nbytes);
	else if (classification->has_row)
		snprintf(out, nbytes, "row %lld of %s was written by two units, and one of the writes is lost: no serial "
			"order gives its content", (long long)classification->row, classification->table);
	else if (classification->table)
		snprintf(out, nbytes, "%s holds what no serial order gives", classification->table);
	else if (classification->reply)
		snprintf(out, nbytes, "the replies are those of no serial order (%s)", classification->reply);
	else
		snprintf(out, nbytes, "the exit status is one that no serial order gives");
}

/* How it came: who read what, and who wrote it meanwhile. */
static void how_text(const struct explain_question *question, const struct witness *witness, char *out, size_t nbytes)
{
	char check[STATEMENT_BYTES + 8], act[STATEMENT_BYTES + 8];
	const char *first = unit_name(question, witness->first), *second = unit_name(question, witness->second);

	statement_text(question, witness->check, check, sizeof check);
	statement_text(question, witness->other_act, act, sizeof act);
	if (witness->split)
		snprintf(out, nbytes, "%s read %s before and after %s wrote it (%s / %s)", first, witness->table, second,
			check, act);
	else if (witness->both)
		snprintf(out, nbytes, "%s and %s both read %s before either wrote it (%s / %s)", first, second,
			witness->table, check, act);
	else
		snprintf(out, nbytes, "%s read %s, %s wrote it, and %s went on with what it had read (%s / %s)", first,
			witness->table, second, first, check, act);
}

/* The step at which a transaction's statement was sent: the task's last one up to then that is no wait for a lock. */
static uint32_t statement_step(const struct trace *trace, const struct trace_transaction *transaction)
{
	for (uint32_t i = transaction->at_step + 1; i > 0; i--)
		if (i <= trace->nsteps && trace->steps[i - 1].task == transaction->task &&
		    trace_step_announce(trace, i - 1)->request.op != OP_DB_WAIT)
			return i - 1;
	return transaction->at_step;
}

/* The last write of another unit to the database before a step; NULL: none. */
static const struct history_access *rival_write(const struct explain_question *question, uint32_t unit,
	uint32_t database, uint32_t step)
{
	const struct history *history = question->history;
	const struct history_access *found = NULL;

	for (uint32_t i = 0; i < history->naccesses; i++) {
		const struct history_access *access = &history->accesses[i];
		if (access->writes && access->unit != unit && access->database == database &&
		    (!found || access->at < step))
			found = access;
	}
	return found;
}

static int add_place(const struct explain_question *question, struct finding *finding, uint32_t step, uint32_t unit,
	const char *verb, const char *object)
{
	const struct trace *trace = question->units->trace;

	if (step >= trace->nsteps)
		return 0;
	return finding_add_place(finding, trace, trace->steps[step].announce, step, "%s %s %s",
		unit_name(question, unit), verb, object);
}

/* The table that a step writes, for the role of a place. */
static const char *written_table(const struct explain_question *question, uint32_t step, const char *otherwise)
{
	for (uint32_t i = 0; i < question->history->naccesses; i++) {
		const struct history_access *access = &question->history->accesses[i];
		if (access->step == step && access->writes && *access->name)
			return access->name;
	}
	return otherwise;
}

static int add_places(const struct explain_question *question, struct finding *finding, const struct witness *witness)
{
	const char *act = witness->act_is_effect ? "its effect" : written_table(question, witness->act, witness->table);

	if (!witness->found)
		return 0;
	if (add_place(question, finding, witness->check, witness->first, "read", witness->table) < 0 ||
	    add_place(question, finding, witness->other_check, witness->second, "read", witness->table) < 0 ||
	    add_place(question, finding, witness->other_act, witness->second, "wrote", witness->table) < 0)
		return -1;
	return add_place(question, finding, witness->act, witness->first, witness->act_is_effect ? "had" : "wrote", act);
}

/* How a unit was turned away: what was refused, and who was at work meanwhile. */
static int explain_refused(const struct explain_question *question, struct finding *finding, uint32_t unit, char *out,
	size_t nbytes)
{
	const struct trace *trace = question->units->trace;
	const struct trace_transaction *trouble =
		&trace->transactions[refusal_conduct_of(question->units, unit).trouble];
	const struct history_access *rival = rival_write(question, unit, trouble->database, trouble->at_step);
	uint32_t step = statement_step(trace, trouble);
	char text[STATEMENT_BYTES + 8];

	statement_text(question, step, text, sizeof text);
	int length = trouble->error ? snprintf(out, nbytes, "%s got %s", text, failure_text(trace, step, trouble->error)) :
		snprintf(out, nbytes, "%s changed nothing", text);
	if (add_place(question, finding, step, unit, "was turned away by", "the database") < 0)
		return -1;
	if (!rival || length < 0 || (size_t)length >= nbytes)
		return 0;
	snprintf(out + length, nbytes - (size_t)length, " while %s was writing %s", unit_name(question, rival->unit),
		*rival->name ? rival->name : "to the database");
	return add_place(question, finding, rival->step, rival->unit, "wrote", rival->name);
}

/* The first two units that overlapped, where nothing is known of their statements. */
static void units_text(const struct explain_question *question, char *out, size_t nbytes)
{
	const struct unit_list *units = question->units;

	snprintf(out, nbytes, "its units overlapped");
	for (uint32_t i = 0; i < units->n; i++)
		for (uint32_t j = i + 1; j < units->n; j++)
			if (units->items[i].touches && units->items[j].touches &&
			    units->items[i].first_step <= units->items[j].last_step &&
			    units->items[j].first_step <= units->items[i].last_step) {
				snprintf(out, nbytes, "%s and %s overlapped", units->items[i].name, units->items[j].name);
				return;
			}
}

/* Without a witness: which of one unit's statements came between others of another's. */
static void overlap_text(const struct explain_question *question, const struct overlap *overlap, char *out, size_t nbytes)
{
	char before[STATEMENT_BYTES + 8], change[STATEMENT_BYTES + 8], after[STATEMENT_BYTES + 8], on[KEY_BYTES * 4] = "";
	const char *first = unit_name(question, overlap->first), *second = unit_name(question, overlap->second);

	statement_text(question, overlap->before, before, sizeof before);
	statement_text(question, overlap->change, change, sizeof change);
	if (*overlap->table)
		snprintf(on, sizeof on, " on %s", overlap->table);
	if (overlap->after == OVERLAP_NONE) {
		snprintf(out, nbytes, "%s and %s overlapped%s (%s / %s)", first, second, on, before, change);
		return;
	}
	statement_text(question, overlap->after, after, sizeof after);
	snprintf(out, nbytes, "%s came to %s%s between %s and %s of %s", second, change, on, before, after, first);
}

static int explain_overlap(const struct explain_question *question, struct finding *finding, const char *wanted,
	char *out, size_t nbytes)
{
	const struct overlap overlap = overlap_find(question->units, question->history, wanted);
	const char *object = overlap.found && *overlap.table ? overlap.table : "the database";

	if (!overlap.found) {
		units_text(question, out, nbytes);
		return 0;
	}
	overlap_text(question, &overlap, out, nbytes);
	if (add_place(question, finding, overlap.before, overlap.first, "asked", "the database") < 0 ||
	    add_place(question, finding, overlap.change, overlap.second, "asked for a change of", object) < 0)
		return -1;
	return add_place(question, finding, overlap.after, overlap.first, "asked again", "the database");
}

/* The first connection that was lost; false: none was. */
static bool fault_text(const struct explain_question *question, char *out, size_t nbytes)
{
	const struct trace *trace = question->units->trace;
	char text[STATEMENT_BYTES + 8];

	for (uint32_t i = 0; i < trace->nvalue_choices; i++) {
		const struct trace_value_choice *choice = &trace->value_choices[i];
		if (choice->kind != CHOICE_FAULT || choice->taken == FAULT_NONE || choice->at_step == 0)
			continue;
		statement_text(question, choice->at_step - 1, text, sizeof text);
		snprintf(out, nbytes, choice->taken == FAULT_REPLY_LOST ? "the reply to %s of %s was lost" :
			"%s of %s was lost with the connection", text, trace_task_name(trace, choice->task));
		return true;
	}
	return false;
}

/* The second half of the sentence, and the places it speaks of. */
static int explain_how(const struct explain_question *question, struct finding *finding,
	const struct classification *classification, const struct witness *witness, char *out, size_t nbytes)
{
	if (classification->anomaly == ANOMALY_LOST_WORK)
		return explain_refused(question, finding, (uint32_t)question->lost, out, nbytes);
	if (classification->anomaly == ANOMALY_HALF_DONE)
		return explain_refused(question, finding, (uint32_t)question->half, out, nbytes);
	if (fault_text(question, out, nbytes))
		return add_places(question, finding, witness);
	if (!witness->found)
		return explain_overlap(question, finding, classification->table, out, nbytes);
	how_text(question, witness, out, nbytes);
	return add_places(question, finding, witness);
}

struct finding *explain(const struct explain_question *question)
{
	struct finding *finding = finding_new("serializability");
	struct classification classification = classify(question);
	const char *subject = classification.effect ? classification.effect : classification.table;
	struct witness witness = witness_find(question->units, question->history, subject);
	char what[TEXT_BYTES], how[TEXT_BYTES];

	if (!finding)
		return NULL;
	if (witness.split && classification.anomaly == ANOMALY_WRITE_SKEW && !classification.counted)
		classification.anomaly = ANOMALY_READ_SKEW;
	const char *class = anomaly_text(classification.anomaly);
	what_text(question, &classification, what, sizeof what);
	if (explain_how(question, finding, &classification, &witness, how, sizeof how) < 0 ||
	    finding_set_class(finding, class) < 0 || finding_set_subject(finding, subject ? subject : "outcome") < 0 ||
	    finding_set_message(finding, "%s: %s: %s", class, what, how) < 0) {
		finding_close(finding);
		return NULL;
	}
	return finding;
}

/* Two reads of the unit with another unit's write between them; the tables may differ. False: there are none. */
static bool find_torn_reads(const struct explain_question *question, uint32_t unit, const struct history_access **first,
	const struct history_access **write, const struct history_access **last)
{
	const struct history *history = question->history;

	*first = *write = *last = NULL;
	for (uint32_t i = 0; i < history->naccesses && !*last; i++) {
		const struct history_access *access = &history->accesses[i];
		if (access->unit == unit && !*first)
			*first = access;
		else if (access->unit != unit && access->writes && *first)
			*write = access;
		else if (access->unit == unit && *write)
			*last = access;
	}
	return *last != NULL;
}

struct finding *explain_reads(const struct explain_question *question, uint32_t unit)
{
	struct finding *finding = finding_new("serializability");
	const struct history_access *first, *write, *last;
	const char *name = unit_name(question, unit);
	bool torn = find_torn_reads(question, unit, &first, &write, &last);
	int result;

	if (!finding)
		return NULL;
	if (torn)
		result = finding_set_message(finding, "read skew: %s read %s and %s while %s wrote %s in between: it saw what "
			"no serial order shows", name, first->name, last->name, unit_name(question, write->unit), write->name);
	else
		result = finding_set_message(finding, "read skew: %s saw what no serial order shows", name);
	if (result < 0 || finding_set_class(finding, anomaly_text(ANOMALY_READ_SKEW)) < 0 ||
	    finding_set_subject(finding, torn ? first->name : "outcome") < 0 ||
	    (torn && (add_place(question, finding, first->step, unit, "read", first->name) < 0 ||
		     add_place(question, finding, write->step, write->unit, "wrote", write->name) < 0 ||
		     add_place(question, finding, last->step, unit, "read", last->name) < 0))) {
		finding_close(finding);
		return NULL;
	}
	return finding;
}

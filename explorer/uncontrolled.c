#include "uncontrolled.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHERE_BYTES = 256 };

/* Notes being written. */
struct notes {
	char *bytes;
	size_t nbytes;
	FILE *out;
};

static bool is_known(struct notes *notes, uint32_t reason, const char *where)
{
	const char *known_where;
	uint32_t known_reason;
	size_t at = 0;

	if (fflush(notes->out))
		return false;
	while (uncontrolled_next(notes->bytes, notes->nbytes, &at, &known_reason, &known_where))
		if (known_reason == reason && strcmp(known_where, where) == 0)
			return true;
	return false;
}

static void add(struct notes *notes, uint32_t reason, const char *where)
{
	if (is_known(notes, reason, where))
		return;
	fprintf(notes->out, "%u %s", reason, where);
	fputc('\0', notes->out);
}

static void add_limit(struct notes *notes, uint32_t limit)
{
	char where[WHERE_BYTES];

	snprintf(where, sizeof where, "%s (%llu)", limit_text(limit), (unsigned long long)limit_value(limit));
	add(notes, UNCONTROLLED_LIMIT, where);
}

static void add_entry(struct notes *notes, const struct trace *trace, const struct trace_uncontrolled *entry,
	const struct symbols *symbols)
{
	char where[WHERE_BYTES];
	struct symbol symbol;

	if (entry->reason == UNCONTROLLED_LIMIT) {
		add_limit(notes, entry->limit);
		return;
	}
	symbols_code(symbols, trace->tasks[entry->task].process, entry->site, &symbol);
	snprintf(where, sizeof where, "%s%s%s", entry->text, *entry->text && symbol.function ? " in " : "",
		symbol.function ? symbol.function : entry->text[0] ? "" : symbol.module ? symbol.module : "");
	add(notes, entry->reason, where);
}

/* What ended the execution before its time and left no record of it. */
static void add_ending(struct notes *notes, const struct trace *trace, bool judged)
{
	uint32_t limit = trace->result.limit;

	if (trace->result.outcome != OUTCOME_LIMIT || judged)
		return;
	if (limit != LIMIT_ID_NONE && (limit != LIMIT_ID_STEPS || trace->result.nsteps >= LIMIT_STEPS))
		add_limit(notes, limit);
	else
		add(notes, UNCONTROLLED_LIMIT, "steps: cut off long after others had ended");
}

char *uncontrolled_notes(const struct trace *trace, const struct symbols *symbols, bool judged, size_t *nbytes)
{
	struct notes notes = {0};
	uint32_t told = 0;

	*nbytes = 0;
	if (trace->nuncontrolled == 0 && trace->result.uncontrolled == 0 && trace->result.outcome != OUTCOME_LIMIT)
		return calloc(1, 1);
	notes.out = open_memstream(&notes.bytes, &notes.nbytes);
	if (!notes.out)
		return NULL;
	for (uint32_t i = 0; i < trace->nuncontrolled; i++) {
		add_entry(&notes, trace, &trace->uncontrolled[i], symbols);
		if (trace->uncontrolled[i].reason < UNCONTROLLED_COUNT)
			told |= 1u << trace->uncontrolled[i].reason;
	}
	if (!(told & 1u << UNCONTROLLED_LIMIT))
		add_ending(&notes, trace, judged);
	for (uint32_t reason = 0; reason < UNCONTROLLED_COUNT; reason++)
		if (trace->result.uncontrolled & ~told & 1u << reason && reason != UNCONTROLLED_LIMIT)
			add(&notes, reason, "");
	bool failed = fclose(notes.out);
	*nbytes = notes.nbytes;
	if (!failed)
		return notes.bytes;
	free(notes.bytes);
	return NULL;
}

bool uncontrolled_next(const char *notes, size_t nbytes, size_t *at, uint32_t *reason, const char **where)
{
	const char *note = notes + *at;
	char *end;

	if (*at >= nbytes)
		return false;
	*reason = (uint32_t)strtoul(note, &end, 10);
	*where = *end == ' ' ? end + 1 : end;
	*at += strlen(note) + 1;
	return true;
}

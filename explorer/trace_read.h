/*
 * The trace of one execution, parsed. The only way to look at a trace: every length, index and text in the raw
 * records is checked here, so that a trace written by a crashed or hostile target can't hurt its reader.
 *
 * A struct trace owns copies of everything it shows; it outlives the control block. Indices of tasks and objects are
 * those of the target (1-based; entry 0 is unused and zeroed). Arrays are never NULL when their count is not 0.
 * Every index that it shows is within its table: what was out of range is 0 ("none", "unknown").
 *
 * at_step of tasks, announcements, guarded operations and value choices: the number of steps made before. Of all
 * else: the index of the step during which it happened (0 also before the first step).
 */
#ifndef RACE_EXPLORER_TRACE_READ_H
#define RACE_EXPLORER_TRACE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/control.h"
#include "shared/trace.h"

enum { TRACE_NO_CHOICE = 0xffffffff }; /* ordinal of what had one alternative only */

struct trace_task {
	uint16_t id, parent, process, flags;
	uint32_t object, image;
	uint64_t identity, start;
	const char *name;
	uint32_t at_step;    /* when it was born */
	uint32_t nops;       /* operations announced */
	int64_t exit_value;  /* from its exit step; valid when exited */
	bool exited;
	uint32_t pending;    /* announcement it never got to perform: index + 1, else 0 */
};

struct trace_object {
	uint32_t id;
	uint16_t kind, process;
	uint64_t address;
	const char *name; /* never NULL */
	uint32_t rank;    /* counted within its kind, in order of id; 0: not counted */
};

/* What a task said it was about to do; steps and blocked tasks refer to it. */
struct trace_announce {
	struct request request;
	uint16_t task;
	uint32_t ordinal;      /* within its task */
	uint32_t at_step;      /* number of steps made before it */
	uint32_t npcs;         /* stack, rich traces only */
	const uint64_t *pcs;
};

struct trace_step {
	uint32_t announce;     /* index into announces */
	uint16_t task;
	uint16_t previous;     /* who had the turn before, 0: it ended */
	uint16_t flags;        /* enum step_flag */
	uint32_t nalternatives;
	uint32_t choice;       /* ordinal among the choices with alternatives, or ~0 */
	uint32_t cost;         /* 1: preemption, or time-out while others were enabled */
	const struct task_set *enabled; /* NULL when there was one alternative */
	const struct task_set *timed;
	uint64_t now_ns;
	bool done;             /* result is valid */
	uint32_t lasted;       /* how many steps later it was done: those within it, where it had to wait, and others' meanwhile */
	int64_t result;
	uint64_t digest;
	uint32_t unit;         /* index into units + 1 of the unit it worked for, 0: none */
};

struct trace_guarded { /* an operation made inside a library call, or one that offers no choice */
	uint32_t at_step;
	uint16_t task, op;
	uint32_t object;
	int64_t result;
	uint64_t site;
};

struct trace_value_choice {
	uint32_t at_step, choice; /* ordinal among all choices with alternatives, task choices included */
	uint16_t task, kind;
	uint32_t n, taken, normal;
	uint32_t object; /* what it is about; 0: what the task's operation is about */
};

struct trace_row {
	uint32_t at_step; /* index of the step that changed it */
	uint16_t task;
	uint32_t database, statement;
	uint64_t table;
	int64_t rowid;
	char change;
	const char *table_name, *values;
};

struct trace_effect {
	uint32_t at_step;
	uint16_t task;
	uint64_t site;
	const char *name, *key;
	uint32_t unit;
};

/* Marked units only; the default units (threads, processes) are derived by unit.h. */
struct trace_unit {
	uint32_t begin_step, end_step; /* end_step == nsteps when it never ended */
	uint16_t task;
	uint64_t identity;
	const char *name;
};

/* An HTTP request that is a unit, see shared/conversation.h. */
struct trace_request {
	uint32_t at_step;    /* when it was sent */
	uint16_t task;       /* by whom */
	uint64_t identity;
	const char *name;    /* method and path */
	bool replied;
	uint32_t reply_step; /* when the reply was written; of use when replied */
	uint32_t status;
	uint64_t digest, input;
	const char *context; /* traceparent, or "" */
};

/* From this step on the task works for the request. */
struct trace_work {
	uint32_t at_step;
	uint16_t task;
	uint32_t request; /* index + 1, 0: for none */
};

struct trace_fail {
	uint32_t at_step, what, line;
	uint16_t task;
	uint64_t site;
	const char *text, *file, *function;
	uint32_t npcs;
	const uint64_t *pcs;
};

struct trace_uncontrolled {
	uint32_t at_step, reason, limit;
	uint16_t task;
	uint64_t site;
	const char *text;
};

struct trace_value { /* parameters ('p') and rows ('r') of statements, rich traces only; rows that one changed ('k') */
	uint32_t at_step, statement, role;
	uint16_t task;
	const char *text;
};

struct trace_transaction {
	uint32_t at_step;
	uint16_t task;
	uint32_t database, connection, state, ended, changes, error, statement, autocommit;
};

struct trace_label {
	uint32_t at_step;
	uint16_t task;
	const char *text;
};

struct trace {
	struct result result;
	bool observed; /* of a run without control: see ring_trace.h */
	bool hides_locks; /* observed: what keeps tasks apart need not be in it */
	bool unread; /* there is nothing but the result: see trace_unread() */
	uint32_t ntasks, nobjects, nannounces, nsteps, nguarded, nvalue_choices, nrows, neffects, nunits, nfails,
		nuncontrolled, nvalues, ntransactions, nlabels, nrequests, nworks, nchoices;
	struct trace_task *tasks;     /* [ntasks + 1] */
	struct trace_object *objects; /* [nobjects + 1] */
	struct trace_announce *announces;
	struct trace_step *steps;
	struct trace_guarded *guarded;
	struct trace_value_choice *value_choices;
	struct trace_row *rows;
	struct trace_effect *effects;
	struct trace_unit *units;
	struct trace_fail *fails;
	struct trace_uncontrolled *uncontrolled;
	struct trace_value *values;
	struct trace_transaction *transactions;
	struct trace_label *labels;
	struct trace_request *requests;
	struct trace_work *works;
	/* campaign tables of the control block as they were; statement text through trace_statement_text */
	uint32_t nstatements;
	const struct statement *statements;
	const char *text;
	uint32_t text_used;
	void *arena; /* of all that, this included; NULL: it is unread */
};

/*
 * Parses `nbytes` of records, aligned to 8 bytes. `result` may be NULL (zeroes). `control` gives statements and their
 * texts and may be NULL (then there are none). Returns NULL and sets *reason to a sentence when the bytes are no trace. An
 * incomplete last record is dropped.
 */
struct trace *trace_read(const void *bytes, size_t nbytes, const struct result *result,
	const struct control *control, const char **reason);

/*
 * A trace of which only the result is known: for those who have made sure that nobody wants more. NULL when memory is
 * short.
 */
struct trace *trace_unread(const struct result *result);

/* Frees the trace; NULL does nothing. */
void trace_close(struct trace *trace);

/* Normalised text of a statement, "" when unknown. */
const char *trace_statement_text(const struct trace *trace, uint32_t statement);

/* The announcement a step performed. Never NULL for index < nsteps. */
const struct trace_announce *trace_step_announce(const struct trace *trace, uint32_t step);

/* The first step that performs such an operation (enum op); nsteps when there is none. */
uint32_t trace_first(const struct trace *trace, uint16_t op);

/* Name of a task, "?" when there is none such. */
const char *trace_task_name(const struct trace *trace, uint32_t task);

/*
 * The prefix that repeats this execution's first `nchoices` choices exactly; writes at most `max` directives and
 * returns how many there are.
 */
uint32_t trace_prefix(const struct trace *trace, uint32_t nchoices, struct directive *out, uint32_t max);

#endif

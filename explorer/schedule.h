/*
 * A schedule: an interleaving as text, to be read in a review, committed and replayed. Version 1 of the format:
 *
 *     race-schedule 1
 *     # comment
 *     command  build/tests/programs/double_fulfillment
 *     finding  serializability 5b1d09c2
 *     chooser  first
 *     run      main     until  join charge
 *     run      charge   until  sqlite-step "UPDATE orders SET status = ?"  in fulfill
 *     run      webhook  until  exit
 *     timeout  charge   cond-timedwait  in wait_order
 *     wake     charge   cond-signal  webhook
 *     busy     charge   "BEGIN IMMEDIATE"
 *     signal   worker   TERM
 *     hold     server   channel#2  in serve
 *     deliver  server   channel#3  in serve
 *     trace    9f31c2d4a8e07711
 *
 * `run T until WHAT`: T goes on until it is about to do WHAT: an operation (op.h), optionally its object (a task's
 * name for begin/join/..., a variable's name, or kind#n by order of first use), a statement text in quotes (a prefix
 * of at most 120 bytes, then ~ and 8 hex digits of its hash when cut), `in FUNCTION`, and `#n` when it is not the
 * first such announcement within the line. What T was already about to do when the line began doesn't count.
 * `until exit` means until it has ended; `until exiting` until it is about to. After the last line the chooser goes on.
 * `hold` is said of a task that waits for many descriptors, several of which are ready: it doesn't hear of this one yet.
 * `deliver`: it hears of this one before the others. Descriptors are called as channels are, kind#n by order of first use;
 * the two sockets of a pair have a number each. #n counts how often the choice was offered within the line.
 * `victim`: a server ends the task's transaction to break a deadlock, and says so by this code (40P01, 1213). Nobody can
 * choose that but the server: the line is met by its answer.
 * `fault`: a connection to a database server is lost at this statement: `reply-lost`, when the server has done it, or
 * `request-lost`, before it heard of it. #n counts as with `busy`: how often it could have been within the line.
 * `grant` never comes from race. Where sessions would wait for one lock, and the server choose, all but one are held back
 * before they ask for it (interpose/session_queue.h): who gets it next is who asks next, and `run` lines say that. Servers
 * without has_queue (db/adapter.h) grant in the order of asking. The sessions of one event loop are not held back, nor is
 * who has been for a second, or while nobody else could go: what the server then chooses shows in the trace, by which a
 * replay is compared (`followed, trace differs`), but it is no line.
 * The words db and grant belong to version 1 and are parsed, also where this build can't follow them yet;
 * so are `deliver` and `hold` followed by a text in quotes, what a server or its client says. Texts are C-escaped. Lines may be written by hand; `trace`, `finding` and `command` are optional.
 *
 * In full, where [..] may be absent and WHAT is `OP [OBJECT] ["TEXT"[~HASH]] [in FUNCTION] [#n]`:
 *     command REST            finding KIND [8 hex digits]      chooser NAME       db REST       trace 16 hex digits
 *     origin observed, of a run without control
 *     seed N, the plan's seed where it is not 1: programs that draw random numbers draw the same again
 *     run TASK until WHAT | exit | exiting                     timeout TASK [WHAT]
 *     wake TASK OP [OBJECT] WHO [in FUNCTION] [#n]             busy TASK [WHAT], where OP may be absent
 *     deliver|hold TASK OBJECT [in FUNCTION] [#n]              deliver|hold TASK "TEXT" REST
 *     fault TASK reply-lost|request-lost ["TEXT"] [in FUNCTION] [#n]; a text of one word needs no quotes
 *     signal|grant|victim TASK REST                            (REST a number: the value itself is chosen)
 * Words are separated by blanks; a blank, quote or leading # within a word is escaped (\040, \", \043). Every line
 * ends with a line feed, the last one too: a file that doesn't was cut off.
 */
#ifndef RACE_EXPLORER_SCHEDULE_H
#define RACE_EXPLORER_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "shared/choice.h"
#include "symbols.h"
#include "trace_read.h"

enum { SCHEDULE_TEXT_BYTES = 120 };              /* of a statement before it is cut */
#define SCHEDULE_TEXT_CUT (1ULL << 32)

struct schedule_line {
	uint8_t kind;      /* enum choice_kind; CHOICE_TASK is `run` */
	bool ended;        /* run ... until exit */
	uint16_t op;       /* what it is about to do; OP_NONE where the kind has none */
	char *task;        /* who */
	char *object;      /* NULL: any */
	char *text;        /* statement prefix, unescaped; NULL: any */
	uint64_t text_hash;/* 0: the text is whole; else SCHEDULE_TEXT_CUT | low 32 bits of its XXH64 */
	char *function;    /* NULL: anywhere */
	uint32_t nth;      /* 1-based */
	char *answer;      /* wake: who wakes; fault: which; signal, victim, deliver, hold: the rest of the line */
	uint32_t line;     /* in the file, for messages */
};

struct schedule {
	char *command;     /* NULL: not said */
	char *kind;        /* of the finding, NULL: none */
	char *fingerprint;
	char *chooser;     /* NULL: first */
	bool observed;     /* of real threads: see follower below */
	bool has_seed;
	uint64_t seed;     /* of the random numbers that the program draws; 1 where there is none */
	char **comments, **databases;
	uint32_t ncomments, ndatabases;
	struct schedule_line *lines;
	uint32_t nlines, capacity;
	bool has_trace;
	uint64_t trace;
};

/* An empty schedule; NULL when memory is short. */
struct schedule *schedule_new(void);

/*
 * Appends a zeroed line of this kind about this task; valid until the next one is added. The others replace or append
 * copies of texts; `fingerprint` may be NULL. All fail (NULL, -1) only when memory is short.
 */
struct schedule_line *schedule_add(struct schedule *schedule, enum choice_kind kind, const char *task);
int schedule_add_comment(struct schedule *schedule, const char *text);
int schedule_add_database(struct schedule *schedule, const char *text);
int schedule_set_command(struct schedule *schedule, const char *command);
int schedule_set_finding(struct schedule *schedule, const char *kind, const char *fingerprint);
int schedule_set_chooser(struct schedule *schedule, const char *chooser);

/* Do they say the same? Line numbers of the file don't count. */
bool schedule_equal(const struct schedule *left, const struct schedule *right);

/* Reads text. NULL and a sentence with the line number in `reason` when it is no schedule. */
struct schedule *schedule_parse(const char *text, size_t nbytes, char *reason, size_t reason_bytes);

/* The schedule that leads to this trace: one line per stretch in which one task ran and others could have. */
struct schedule *schedule_from_trace(const struct trace *trace, const struct symbols *symbols);

/* Writes it in canonical form; what it prints parses to an equal schedule. -1 on a write error. */
int schedule_print(const struct schedule *schedule, FILE *out);

/* Writes one line, line feed included. */
void schedule_print_line(const struct schedule_line *line, FILE *out);

/* Writes WHAT of a line, each word after a blank; nothing when the line leaves it open. */
void schedule_print_what(const struct schedule_line *line, FILE *out);

void schedule_close(struct schedule *schedule);

/*
 * Following: answers the questions of one PLAN_ASK execution, in which every step is asked for. The target is stopped
 * while it asks, so its world may be read. Tasks are matched by name, operations by what the line says.
 *
 * A line begins when the one before has been met. While its task hasn't been born the chooser `first` goes on; once
 * it has, the task goes on until it is about to do what the line says. A task that is blocked or ends before is a
 * divergence. `timeout` lets the chooser go on until the task can time out so; the lines of values let their task go
 * on until it makes the choice. A task that lapses ends its line.
 *
 * A schedule of `origin observed` tells the order of what observing sees (locks, conditions, semaphores, SQLite's
 * statements), and of nothing else. So a task that must wait for something else (a descriptor, a lock within a database,
 * a child) is left behind, the next line begins, and the task makes up for it when its next line comes (arrears.h); a
 * time-out that such a line still waits for comes then. Sleeps end where the line goes beyond them. The first line counts
 * what its task was already about to do: observing began with it.
 */
struct follower;

struct follower *follower_open(const struct schedule *schedule, const struct symbols *symbols, bool best_effort);

/* Fills in control->ask.answer, timeout and diverged. With best_effort a line that can't be met is passed over. */
/* The execution is run again: back to the first line. */
void follower_restart(struct follower *follower);

void follower_answer(struct follower *follower, struct control *control);

/*
 * The execution has come to its end as its trace says: settles which lines were met since the last question. Without
 * it a last line `until exit` counts as met once it has begun, and any other that is left does not.
 */
void follower_finish(struct follower *follower, const struct trace *trace);

/* Lines all met? Otherwise the sentence says which line could not be met and why. "" when all were. */
const char *follower_divergence(const struct follower *follower);

/* How far it has come, and what it was opened with. */
struct follower_place {
	const struct schedule *schedule;
	const struct symbols *symbols;
	uint32_t line; /* that is followed or will be next, counted from 1; one more than there are: all have been met */
};

struct follower_place follower_place(const struct follower *follower);
void follower_close(struct follower *follower);

#endif

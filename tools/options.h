/*
 * Options as tables: one per subcommand, from which parsing, --help, shell completion, race.ini and the environment
 * all follow. A new option is a field of struct invocation and a row here or in its subcommand's table.
 */
#ifndef RACE_TOOLS_OPTIONS_H
#define RACE_TOOLS_OPTIONS_H

#include <stddef.h>

#include "invocation.h"
#include "shared/control.h"

enum option_type {
	OPTION_END,      /* ends a table */
	OPTION_HEADING,  /* `help` is a heading */
	OPTION_FLAG,     /* bool */
	OPTION_TEXT,     /* const char * */
	OPTION_FILE,     /* const char *: completed as a file's name */
	OPTION_FOLDER,   /* const char * */
	OPTION_WORD,     /* const char *: one of `words` */
	OPTION_COUNT,    /* uint64_t */
	OPTION_BOUND,    /* int: a number, or none */
	OPTION_DURATION, /* uint64_t of milliseconds: 250ms, 30s, 5m, 2h; a bare number is seconds */
	OPTION_LIST,     /* struct text_list: may be given several times */
	OPTION_ABSENT,   /* belongs to race, but not to this build: `help` says so; never advertised */
};

struct option_row {
	enum option_type type;
	const char *name;     /* without dashes */
	size_t offset;        /* of the field in struct invocation */
	const char *argument; /* FILE, N, ...; NULL for flags */
	const char *help;
	const char *(*words)(uint32_t index); /* OPTION_WORD: the words it takes; NULL after the last */
	const char *absent;   /* OPTION_WORD: words of race that this build does not have, between blanks */
	bool hidden;          /* neither in the help nor completed */
};

struct command {
	const char *name;
	const char *summary;  /* one line, no full stop */
	const char *usage;    /* what follows `race NAME` */
	const char *text;     /* paragraphs of the help, NULL: none */
	const char *examples; /* lines, NULL: none */
	const struct option_row *options;
	uint32_t noperands;   /* most operands before the command; 0: the first operand begins the command */
	bool has_target;      /* takes a COMMAND */
	bool hidden;          /* for librace.so, not for people: found by its name alone */
	int (*run)(struct invocation *invocation);
};

/*
 * Reads argv[1..] of a subcommand (argv[0] is its name). On -1 a sentence has been written to stderr. Words of argv
 * may be permuted. After --help nothing else is checked.
 */
int options_parse(struct invocation *invocation, int argc, char **argv);

/*
 * Sets one option by name from a file or the environment (`source` says where, for messages). A flag takes yes, no or
 * nothing. Returns -1 when its value is wrong, 1 when the subcommand has no such option (no message).
 */
int options_set(struct invocation *invocation, const char *name, const char *value, const char *source);

/* The nearest of the rows' names within three edits, or NULL. */
const char *options_nearest(const struct option_row *rows, const char *name);

/* Edits (insert, delete, replace) between two words; 99 when longer than 63 bytes. */
unsigned int options_distance(const char *left, const char *right);

/* Tables written once and used by several subcommands. */
const char *options_strategy(uint32_t index);
const char *options_chooser(uint32_t index);
const char *options_oracle(uint32_t index);
const char *options_reuse(uint32_t index);
const char *options_carrier(uint32_t index);
const char *options_memory(uint32_t index);

/* What --reuse and --carrier say, or what is usual for the subcommand where they say nothing. */
enum reuse options_reuse_of(const char *word, enum reuse usual);
enum carrier_id options_carrier_of(const char *word, enum carrier_id usual);

#define OPTION_AT(field) offsetof(struct invocation, field)

#endif

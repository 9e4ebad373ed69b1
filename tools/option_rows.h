/*
 * Rows that several subcommands share, so that an option is worded once.
 */
#ifndef RACE_TOOLS_OPTION_ROWS_H
#define RACE_TOOLS_OPTION_ROWS_H

#include "options.h"

#define HEADING(text) {.type = OPTION_HEADING, .help = text}
#define FLAG(option, field, text) {.type = OPTION_FLAG, .name = option, .offset = OPTION_AT(field), .help = text}
#define VALUE(kind, option, field, value, text) \
	{.type = kind, .name = option, .offset = OPTION_AT(field), .argument = value, .help = text}
#define WORD(option, field, value, list, text) \
	{.type = OPTION_WORD, .name = option, .offset = OPTION_AT(field), .argument = value, .words = list, \
		.help = text}
#define ABSENT(option, value, text) {.type = OPTION_ABSENT, .name = option, .argument = value, .help = text}
#define END {.type = OPTION_END}

#define SEARCH_ROWS \
	HEADING("Search"), \
	WORD("strategy", strategy, "NAME", options_strategy, "how interleavings are chosen (default: auto)"), \
	WORD("chooser", chooser, "NAME", options_chooser, \
		"who runs where the strategy does not say (default: the strategy's own)"), \
	VALUE(OPTION_BOUND, "bound", bound, "N|none", \
		"at most N preemptions in one execution (default: 2; dfs deepens up to it)"), \
	FLAG("delays", delays, "the bound counts delays instead of preemptions"), \
	VALUE(OPTION_COUNT, "depth", depth, "N", "pct: look for bugs of N ordered events (default: 3)"), \
	VALUE(OPTION_COUNT, "faults", faults, "N", \
		"in one execution lose at most N connections to database servers, at the moment when something is committed " \
		"there: before the server hears of it, or before its reply arrives (default: 0)"), \
	VALUE(OPTION_COUNT, "seed", seed, "N", "seed of all randomness (default: 1)"), \
	VALUE(OPTION_COUNT, "max-executions", max_executions, "N", \
		"stop after N executions (default: 1000; 0: no limit)"), \
	VALUE(OPTION_DURATION, "budget", budget_ms, "TIME", "stop after 30s, 5m, 2h (default: no limit)"), \
	FLAG("keep-going", keep_going, "go on after the first finding and collect distinct ones"), \
	VALUE(OPTION_FILE, "resume", resume, "FILE", "keep the state of the search in FILE and go on from it"), \
	{.type = OPTION_COUNT, .name = "jobs", .offset = OPTION_AT(jobs), .argument = "N", .hidden = true}

#define JUDGE_ROWS \
	HEADING("What is judged"), \
	WORD("oracle", oracle, "NAME", options_oracle, \
		"serial: outcomes that no order of the units one after another gives are findings (default); " \
		"check: only --check and detectors; none: only detectors"), \
	VALUE(OPTION_TEXT, "check", check, "CMD", "run CMD after each execution; non-zero is a finding"), \
	VALUE(OPTION_LIST, "ignore", ignore, "TABLE[.COLUMN]", \
		"do not compare this table or column (may be repeated)"), \
	FLAG("reads", reads, "units that only read fail, too, when no serial order lets them see what they saw")

#define EXECUTION_ROWS \
	HEADING("Executions"), \
	WORD_REUSE, WORD_CARRIER, WORD_MEMORY, \
	VALUE(OPTION_DURATION, "timeout", timeout_ms, "TIME", \
		"an execution hangs when it has used that much processor time (default: 60s), or when nobody can go and " \
		"those who wait outside don't come back in that time (default: 20s)"), \
	VALUE(OPTION_LIST, "db", db, "URL", "a test database of the program on a server, as " \
		"postgresql:///NAME?host=FOLDER&user=USER, mysql:///NAME?socket=FILE&user=USER or " \
		"redis:///NUMBER?socket=FILE; what it holds is put back before each execution and at the end, and one that " \
		"does not exist is one that the command creates (may be repeated); none: the command itself puts back what it changes in servers"), \
	VALUE(OPTION_LIST, "allow-net", allow_net, "HOST", "let the command connect to this name or address beyond this " \
		"machine, in every execution; anything else ends the campaign (may be repeated)"), \
	WITH_ROW, \
	FLAG("db-force", db_force, "use the databases even where they are neither empty nor marked for testing"), \
	FLAG("real-databases", real_databases, \
		"work on the database files themselves instead of private copies: they will be changed")

#define WITH_ROW \
	VALUE(OPTION_LIST, "with", with, "CMD", "COMMAND is a server: when it listens, run CMD by a shell against it, " \
		"all of them together; when they have ended, end it (may be repeated)")

#define WORD_REUSE \
	{.type = OPTION_WORD, .name = "reuse", .offset = OPTION_AT(reuse), .argument = "HOW", .words = options_reuse, \
		.help = "how the next execution starts: restore, with fibers: one process goes back to where the first " \
			"thread is created; fork from before main; or exec a fresh process " \
			"(default: restore where many follow each other, else fork)"}
#define WORD_CARRIER \
	{.type = OPTION_WORD, .name = "carrier", .offset = OPTION_AT(carrier), .argument = "NAME", \
		.words = options_carrier, \
		.help = "what runs threads: fiber, all on one of the kernel's, or thread, one for each " \
			"(default: fiber where many executions follow each other, else thread)"}
#define WORD_MEMORY \
	{.type = OPTION_WORD, .name = "memory", .offset = OPTION_AT(memory), .argument = "WHAT", \
		.words = options_memory, .absent = " auto sites all ", .hidden = true}

#define RESULT_ROWS \
	FLAG("literals", literals, "show the values in statements and rows; they are people's data and hidden otherwise"), \
	FLAG("quiet", quiet, "no progress on the terminal"), \
	VALUE(OPTION_COUNT, "exit-code", exit_code, "N", "end with N instead of 66 when there is a finding")

#define ABSENT_ROWS \
	ABSENT("unit", "FUNCTION", "race can't make units of functions in this build; " \
		"mark them with race_unit_begin() and race_unit_end() of race.h")

#endif

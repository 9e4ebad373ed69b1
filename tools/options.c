#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explorer/strategy/strategy.h"
#include "shared/plan.h"

enum { OPTIONS_MOST = 64, VALUE_HELP = 256, VALUE_ROW = 1000 };

static const char *word_at(const char *const *words, uint32_t count, uint32_t index)
{
	return index < count ? words[index] : NULL;
}

#define WORDS(...) \
	static const char *const words[] = {__VA_ARGS__}; \
	return word_at(words, sizeof(words) / sizeof(words[0]), index)

const char *options_strategy(uint32_t index)
{
	const struct strategy *const *list = strategy_list();
	uint32_t count;

	for (count = 0; list[count]; count++)
		if (count == index)
			return list[count]->name;
	return NULL;
}

const char *options_chooser(uint32_t index)
{
#define X(identifier, name) name,
	WORDS(CHOOSERS(X));
#undef X
}

const char *options_oracle(uint32_t index)
{
	WORDS("serial", "check", "none");
}

const char *options_reuse(uint32_t index)
{
	WORDS("fork", "exec", "restore");
}

const char *options_carrier(uint32_t index)
{
	WORDS("thread", "fiber");
}

enum reuse options_reuse_of(const char *word, enum reuse usual)
{
	if (!word)
		return usual;
	return strcmp(word, "exec") == 0 ? REUSE_EXEC : strcmp(word, "restore") == 0 ? REUSE_RESTORE : REUSE_FORK;
}

enum carrier_id options_carrier_of(const char *word, enum carrier_id usual)
{
	if (!word)
		return usual;
	return strcmp(word, "fiber") == 0 ? CARRIER_FIBER : CARRIER_THREAD;
}

const char *options_memory(uint32_t index)
{
	WORDS("off");
}

static void complain(const struct invocation *invocation, const char *source, const char *message)
{
	if (source)
		fprintf(stderr, "race: %s: %s\n", source, message);
	else
		fprintf(stderr, "race %s: %s\nTry 'race %s --help'.\n", invocation->command->name, message,
			invocation->command->name);
}

static int parse_count(const char *text, uint64_t *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return errno || *end ? -1 : 0;
}

static int parse_duration(const char *text, uint64_t *ms)
{
	static const struct unit { const char *name; uint64_t ms; } units[] = {
		{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"min", 60000}, {"h", 3600000},
	};
	uint64_t count;
	size_t index;
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	count = strtoull(text, &end, 10);
	for (index = 0; index < sizeof(units) / sizeof(units[0]); index++) {
		if (strcmp(end, units[index].name) != 0)
			continue;
		return errno || __builtin_mul_overflow(count, units[index].ms, ms) ? -1 : 0;
	}
	return -1;
}

static int parse_bound(const char *text, int *bound)
{
	uint64_t value;

	if (strcmp(text, "none") == 0) {
		*bound = BOUND_NONE;
		return 0;
	}
	if (parse_count(text, &value) || value > 1000000)
		return -1;
	*bound = (int)value;
	return 0;
}

static int parse_flag(const char *text, bool *flag)
{
	static const char *const yes[] = {"", "yes", "true", "on", "1"}, *const no[] = {"no", "false", "off", "0"};
	size_t index;

	for (index = 0; index < sizeof(yes) / sizeof(yes[0]); index++)
		if (strcmp(text, yes[index]) == 0)
			return *flag = true, 0;
	for (index = 0; index < sizeof(no) / sizeof(no[0]); index++)
		if (strcmp(text, no[index]) == 0)
			return *flag = false, 0;
	return -1;
}

static char *list_words(struct pool *pool, const struct option_row *row)
{
	char *list = pool_copy(pool, "");
	const char *word;
	uint32_t index;

	for (index = 0; (word = row->words(index)); index++)
		list = pool_print(pool, "%s%s%s", list, index ? ", " : "", word);
	return list;
}

static int set_word(struct invocation *invocation, const struct option_row *row, const char *value,
	const char *source)
{
	struct pool *pool = invocation->pool;
	const char *word;
	uint32_t index;

	for (index = 0; (word = row->words(index)); index++)
		if (strcmp(word, value) == 0)
			return *(const char **)((char *)invocation + row->offset) = word, 0;
	if (row->absent && *value && strstr(row->absent, pool_print(pool, " %s ", value)))
		complain(invocation, source, pool_print(pool, "this build has no --%s %s; it has: %s", row->name,
			value, list_words(pool, row)));
	else
		complain(invocation, source, pool_print(pool, "--%s can't be '%s'; it is one of: %s", row->name, value,
			list_words(pool, row)));
	return -1;
}

/* What a value should look like, for the message about one that does not. */
static const char *expectation(enum option_type type)
{
	switch (type) {
	case OPTION_FLAG: return "yes or no";
	case OPTION_COUNT: return "a number";
	case OPTION_BOUND: return "a number or none";
	case OPTION_DURATION: return "a time such as 500ms, 30s, 5m or 2h";
	default: return "something not empty";
	}
}

static int set_scalar(struct invocation *invocation, const struct option_row *row, const char *value)
{
	char *field = (char *)invocation + row->offset;

	switch (row->type) {
	case OPTION_FLAG: return parse_flag(value, (bool *)field);
	case OPTION_COUNT: return parse_count(value, (uint64_t *)field);
	case OPTION_BOUND: return parse_bound(value, (int *)field);
	case OPTION_DURATION: return parse_duration(value, (uint64_t *)field);
	default: break;
	}
	if (!*value)
		return -1;
	if (row->type == OPTION_LIST)
		invocation_append(invocation, (struct text_list *)field, value);
	else
		*(const char **)field = value;
	return 0;
}

static int set(struct invocation *invocation, const struct option_row *row, const char *value, const char *source)
{
	if (row->type == OPTION_ABSENT) {
		complain(invocation, source, pool_print(invocation->pool, "--%s: %s", row->name, row->help));
		return -1;
	}
	if (row->type == OPTION_WORD)
		return set_word(invocation, row, value, source);
	if (set_scalar(invocation, row, value) == 0)
		return 0;
	complain(invocation, source, pool_print(invocation->pool, "--%s can't be '%s': it takes %s", row->name, value,
		expectation(row->type)));
	return -1;
}

int options_set(struct invocation *invocation, const char *name, const char *value, const char *source)
{
	const struct option_row *row;

	for (row = invocation->command->options; row->type != OPTION_END; row++)
		if (row->name && strcmp(row->name, name) == 0)
			return set(invocation, row, pool_copy(invocation->pool, value), source);
	return 1;
}

unsigned int options_distance(const char *left, const char *right)
{
	size_t left_length = strlen(left), right_length = strlen(right), row, column;
	unsigned int costs[64], diagonal, above, best;

	if (left_length > 63 || right_length > 63)
		return 99;
	for (column = 0; column <= right_length; column++)
		costs[column] = (unsigned int)column;
	for (row = 1; row <= left_length; row++) {
		diagonal = costs[0];
		costs[0] = (unsigned int)row;
		for (column = 1; column <= right_length; column++) {
			above = costs[column];
			best = diagonal + (left[row - 1] != right[column - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (costs[column - 1] + 1 < best)
				best = costs[column - 1] + 1;
			diagonal = above;
			costs[column] = best;
		}
	}
	return costs[right_length];
}

const char *options_nearest(const struct option_row *rows, const char *name)
{
	const char *nearest = NULL;
	unsigned int least = 4, distance;

	for (; rows->type != OPTION_END; rows++) {
		if (!rows->name || rows->hidden || rows->type == OPTION_ABSENT)
			continue;
		distance = options_distance(rows->name, name);
		if (distance < least && distance < strlen(rows->name)) {
			least = distance;
			nearest = rows->name;
		}
	}
	return nearest;
}

static void complain_unknown(struct invocation *invocation, int result, const char *word)
{
	struct pool *pool = invocation->pool;
	char *name = pool_copy(pool, word + strspn(word, "-"));
	const char *nearest;

	name[strcspn(name, "=")] = '\0';
	nearest = options_nearest(invocation->command->options, name);
	if (result == ':')
		complain(invocation, NULL, pool_print(pool, "--%s needs a value", name));
	else if (strncmp(word, "--", 2) == 0 && strchr(word, '=') && nearest && strcmp(nearest, name) == 0)
		complain(invocation, NULL, pool_print(pool, "--%s takes no value", name));
	else if (nearest)
		complain(invocation, NULL, pool_print(pool, "there is no option '%s'; did you mean --%s?", word, nearest));
	else
		complain(invocation, NULL, pool_print(pool, "there is no option '%s'", word));
}

static void build_table(const struct option_row *rows, struct option *table)
{
	size_t index, count = 0;

	for (index = 0; rows[index].type != OPTION_END && count < OPTIONS_MOST - 2; index++) {
		if (!rows[index].name)
			continue;
		table[count].name = rows[index].name;
		table[count].has_arg = rows[index].argument ? required_argument : no_argument;
		table[count].flag = NULL;
		table[count++].val = VALUE_ROW + (int)index;
	}
	table[count++] = (struct option){"help", no_argument, NULL, VALUE_HELP};
	table[count] = (struct option){0};
}

static int parse_flags(struct invocation *invocation, int argc, char **argv)
{
	const struct option_row *rows = invocation->command->options, *row;
	const char *shape = invocation->command->noperands ? ":h" : "+:h";
	struct option table[OPTIONS_MOST];
	int result;

	build_table(rows, table);
	opterr = 0;
	optind = 0;
	while ((result = getopt_long(argc, argv, shape, table, NULL)) != -1) {
		if (result == 'h' || result == VALUE_HELP) {
			invocation->help = true;
			return 0;
		}
		if (result < VALUE_ROW) {
			complain_unknown(invocation, result, argv[optind - 1]);
			return -1;
		}
		row = &rows[result - VALUE_ROW];
		if (set(invocation, row, optarg ? optarg : "", NULL))
			return -1;
	}
	return 0;
}

/* Where the command begins: behind the first "--", else argc. */
static int find_target(int argc, char **argv)
{
	int index;

	for (index = 1; index < argc; index++)
		if (strcmp(argv[index], "--") == 0)
			return index;
	return argc;
}

int options_parse(struct invocation *invocation, int argc, char **argv)
{
	const struct command *command = invocation->command;
	int end = command->noperands ? find_target(argc, argv) : argc, index;

	if (parse_flags(invocation, end, argv))
		return -1;
	if (invocation->help)
		return 0;
	if (!command->noperands) {
		if (optind < argc)
			invocation->target = argv + optind;
	} else {
		for (index = optind; index < end; index++)
			invocation_append(invocation, &invocation->operands, argv[index]);
		if (end < argc - 1)
			invocation->target = argv + end + 1;
	}
	if (invocation->target && !command->has_target) {
		complain(invocation, NULL, pool_print(invocation->pool, "'%s' is one word too many",
			invocation->target[0]));
		return -1;
	}
	if (invocation->operands.n > command->noperands) {
		complain(invocation, NULL, pool_print(invocation->pool, "'%s' is one word too many%s",
			invocation->operands.items[command->noperands],
			command->has_target ? "; put -- before the command" : ""));
		return -1;
	}
	return 0;
}

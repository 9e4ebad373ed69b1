#include "wire_columns.h"

#include <stddef.h>
#include <string.h>

/* What may stand in expressions and is no column. SELECTs are given what comes behind their conditions as well. */
static const char *const words[] = {"and", "or", "not", "is", "null", "true", "false", "in", "like", "ilike", "between", "default",
	"current_timestamp", "current_date", NULL};
static const char *const ordering[] = {"order", "by", "asc", "desc", "limit", "offset", "nulls", "first", "last", NULL};
static const char *const refusing[] = {"on", "conflict", "do", "nothing", NULL};

/* What makes a statement more than plain, wherever it stands. */
static const char *const strange[] = {"select", "insert", "update", "delete", "set", "from", "where", "into", "for", "lock", "join", "left",
	"right", "inner", "outer", "cross", "natural", "using", "on", "union", "except", "intersect", "with", "exists", "any", "all",
	"some", "case", "over", "group", "having", "window", "fetch", "procedure", "order", "limit", "distinct", "as", "returning",
	"array", "row", "values", "interval", "collate", "partition", "use", "force", "ignore", NULL};

/* They look at nothing but what they are given. */
static const char *const harmless[] = {"now", "current_timestamp", "coalesce", "lower", "upper", "trim", "length", "abs",
	"gen_random_uuid", "uuid", NULL};

struct scan {
	struct wire_tokens tokens;
	struct wire_columns *columns;
	const char *const *also; /* further words that are no columns */
	bool bad;
};

static bool is_one_of(const struct wire_tokens *tokens, const char *const *list)
{
	for (; *list && tokens->kind == WIRE_TOKEN_NAME && !tokens->quoted; list++)
		if (strcmp(tokens->text, *list) == 0)
			return true;
	return false;
}

static bool is(const struct scan *scan, const char *text)
{
	return !scan->tokens.quoted && wire_token_is(&scan->tokens, text);
}

static bool take(struct scan *scan, const char *text)
{
	bool taken = is(scan, text);

	if (taken)
		wire_token_next(&scan->tokens);
	return taken;
}

static void need(struct scan *scan, const char *text)
{
	if (!take(scan, text))
		scan->bad = true;
}

static bool is_end(const struct scan *scan)
{
	return scan->bad || scan->tokens.kind == WIRE_TOKEN_END;
}

static void add(struct scan *scan, bool written)
{
	struct wire_columns *columns = scan->columns;

	for (uint32_t i = 0; i < columns->n; i++)
		if (columns->items[i].written == written && strcmp(columns->items[i].name, scan->tokens.text) == 0)
			return;
	if (columns->n == WIRE_COLUMNS) {
		scan->bad = true;
		return;
	}
	memcpy(columns->items[columns->n].name, scan->tokens.text, WIRE_TOKEN_BYTES);
	columns->items[columns->n++].written = written;
}

static bool is_call(const struct scan *scan)
{
	struct wire_tokens following = scan->tokens;

	wire_token_next(&following);
	return wire_token_is(&following, "(");
}

/* A name within an expression. */
static void take_name(struct scan *scan)
{
	if (is_one_of(&scan->tokens, words) || (scan->also && is_one_of(&scan->tokens, scan->also)))
		; /* no column */
	else if (is_one_of(&scan->tokens, strange))
		scan->bad = true;
	else if (is_call(scan))
		scan->bad = scan->tokens.quoted || !is_one_of(&scan->tokens, harmless);
	else
		add(scan, false);
	wire_token_next(&scan->tokens);
}

/* Types of values are no columns: '1'::integer. */
static void take_type(struct scan *scan)
{
	wire_token_next(&scan->tokens);
	need(scan, ":");
	if (scan->tokens.kind != WIRE_TOKEN_NAME)
		scan->bad = true;
	wire_token_next(&scan->tokens);
}

/* Operators, and what stands for nothing: the rest is more than plain. */
static void take_other(struct scan *scan, int *depth)
{
	static const char plain[] = "(),=<>!+-*/%|";

	if (is(scan, ":")) {
		take_type(scan);
		return;
	}
	*depth += is(scan, "(") - is(scan, ")");
	if (*depth < 0 || !strchr(plain, scan->tokens.text[0]))
		scan->bad = true;
	wire_token_next(&scan->tokens);
}

/* Up to a comma, or one of these words, outside of parentheses, or the end. */
static void take_expression(struct scan *scan, const char *const *stops)
{
	int depth = 0;

	while (!is_end(scan)) {
		if (depth == 0 && ((stops && (is(scan, ",") || is_one_of(&scan->tokens, stops))) || is(scan, ";")))
			return;
		if (scan->tokens.kind == WIRE_TOKEN_NAME)
			take_name(scan);
		else if (scan->tokens.kind == WIRE_TOKEN_VALUE)
			wire_token_next(&scan->tokens);
		else if (scan->tokens.kind == WIRE_TOKEN_OTHER)
			take_other(scan, &depth);
		else
			scan->bad = true;
	}
	scan->bad |= depth != 0;
}

static void take_table(struct scan *scan)
{
	take(scan, "only");
	if (scan->tokens.kind != WIRE_TOKEN_NAME || scan->tokens.qualified || is_one_of(&scan->tokens, strange))
		scan->bad = true;
	memcpy(scan->columns->table, scan->tokens.text, WIRE_TOKEN_BYTES);
	wire_token_next(&scan->tokens);
}

static void take_end(struct scan *scan)
{
	take(scan, ";");
	if (scan->tokens.kind != WIRE_TOKEN_END)
		scan->bad = true;
}

/* A column by itself may have another name behind it; what is more is an expression. */
static void take_item(struct scan *scan)
{
	static const char *const stops[] = {"from", "as", NULL};

	if (is(scan, "*")) {
		scan->columns->all = true;
		wire_token_next(&scan->tokens);
		return;
	}
	if (scan->tokens.kind == WIRE_TOKEN_NAME && !is_one_of(&scan->tokens, words)) {
		take_name(scan);
		if (scan->tokens.kind == WIRE_TOKEN_NAME && !is_one_of(&scan->tokens, strange) && !is_one_of(&scan->tokens, words)) {
			wire_token_next(&scan->tokens);
			return;
		}
	}
	take_expression(scan, stops);
}

static void take_list(struct scan *scan)
{
	do {
		take_item(scan);
		if (take(scan, "as"))
			wire_token_next(&scan->tokens);
	} while (!scan->bad && take(scan, ","));
}

static void take_returned(struct scan *scan)
{
	if (take(scan, "returning"))
		take_list(scan);
}

static void take_condition(struct scan *scan)
{
	static const char *const stops[] = {"returning", NULL};

	if (take(scan, "where"))
		take_expression(scan, stops);
}

static void take_select(struct scan *scan)
{
	take_list(scan);
	need(scan, "from");
	take_table(scan);
	take(scan, "as");
	if (scan->tokens.kind == WIRE_TOKEN_NAME && !is_one_of(&scan->tokens, strange) && !is_one_of(&scan->tokens, ordering))
		wire_token_next(&scan->tokens); /* a name of its own */
	scan->also = ordering;
	if (take(scan, "where") || is_one_of(&scan->tokens, ordering))
		take_expression(scan, NULL);
}

static void take_update(struct scan *scan)
{
	static const char *const stops[] = {"where", "returning", NULL};

	take_table(scan);
	need(scan, "set");
	do {
		if (scan->tokens.kind != WIRE_TOKEN_NAME || is_one_of(&scan->tokens, strange))
			scan->bad = true;
		add(scan, true);
		wire_token_next(&scan->tokens);
		need(scan, "=");
		take_expression(scan, stops);
	} while (!scan->bad && take(scan, ","));
	take_condition(scan);
	take_returned(scan);
}

static void take_delete(struct scan *scan)
{
	need(scan, "from");
	take_table(scan);
	take_condition(scan);
	take_returned(scan);
}

/* What it inserts, and what it leaves alone. Its columns are no news: it writes them all. */
static void take_insert(struct scan *scan)
{
	static const char *const lists[] = {"values", NULL}, *const stops[] = {"returning", NULL};

	need(scan, "into");
	take_table(scan);
	take_expression(scan, lists);
	need(scan, "values");
	scan->also = refusing;
	while (!is_end(scan) && !is(scan, "returning") && !is(scan, ";")) {
		take(scan, ",");
		take_expression(scan, stops);
	}
	take_returned(scan);
	scan->columns->n = 0;
}

void wire_columns_read(const char *sql, struct wire_columns *columns)
{
	static const struct {
		const char *word;
		void (*take)(struct scan *);
	} kinds[] = {
		[WIRE_COLUMNS_SELECT] = {"select", take_select}, [WIRE_COLUMNS_INSERT] = {"insert", take_insert},
		[WIRE_COLUMNS_UPDATE] = {"update", take_update}, [WIRE_COLUMNS_DELETE] = {"delete", take_delete},
	};
	struct scan scan = {.tokens = {.at = sql}, .columns = columns};

	memset(columns, 0, sizeof *columns);
	wire_token_next(&scan.tokens);
	for (size_t i = 1; i < sizeof kinds / sizeof *kinds && wire_token_is_clear(sql); i++) {
		if (!take(&scan, kinds[i].word))
			continue;
		kinds[i].take(&scan);
		take_end(&scan);
		columns->kind = scan.bad ? WIRE_COLUMNS_UNKNOWN : (enum wire_columns_kind)i;
		return;
	}
}

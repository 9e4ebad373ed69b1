/*
 * Timelines: what is told and what is not, and how it looks. The pictures are in tests/golden/timeline.*.txt; run
 * with ACCEPT=1 to write them anew, and read the difference.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "story.h"
#include "tools/report/columns.h"
#include "tools/report/timeline.h"
#include "tools/text_file.h"

enum { RESULT_BUSY = 5, RESULT_ROW = 100, RESULT_DONE = 101 };

static const struct terminal narrow = {.width = 80, .utf8 = true};
static const struct terminal wide = {.width = 120};

static struct story story;

/* One step of a statement with the result of the database. */
static uint32_t statement(uint16_t task, uint32_t index, uint32_t changes, int64_t result)
{
	uint32_t step = story_statement(&story, task, index, changes, result == RESULT_BUSY ? RESULT_BUSY : 0);

	story.steps[step].result = result;
	return step;
}

static void preempted(uint32_t step, uint16_t loser)
{
	story.steps[step].flags = STEP_PREEMPTION;
	story.steps[step].previous = loser;
}

/* The story the whole tool is about: two tasks read the same status, both fulfil the order. */
static const struct trace *double_fulfilment(void)
{
	uint16_t charge, webhook;
	uint32_t select, update, insert;

	story_begin(&story);
	charge = story_task(&story, "charge", 1);
	webhook = story_task(&story, "webhook", 1);
	select = story_prepare(&story, "SELECT status FROM orders WHERE id = ?", STATEMENT_READ, "orders", NULL);
	update = story_prepare(&story, "UPDATE orders SET status = ? WHERE id = ?", STATEMENT_WRITE, NULL, "orders");
	insert = story_prepare(&story, "INSERT INTO shipments (order_id) VALUES (?)", STATEMENT_WRITE, NULL, "shipments");
	story_step(&story, 1, OP_CREATE, 0);
	story_step(&story, 1, OP_CREATE, 0);
	story_step(&story, charge, OP_BEGIN, charge);
	statement(charge, select, 0, RESULT_ROW);
	preempted(story_step(&story, webhook, OP_BEGIN, webhook), charge);
	statement(webhook, select, 0, RESULT_ROW);
	statement(webhook, select, 0, RESULT_DONE);
	statement(webhook, update, 1, RESULT_DONE);
	story_row(&story, webhook, "orders", 1, 'u');
	statement(webhook, insert, 1, RESULT_DONE);
	story_row(&story, webhook, "shipments", 1, 'i');
	story_effect(&story, webhook, "mail", "order 1");
	story_exit(&story, webhook, 0);
	statement(charge, select, 0, RESULT_DONE);
	statement(charge, update, 1, RESULT_DONE);
	story_row(&story, charge, "orders", 1, 'u');
	statement(charge, insert, 0, RESULT_BUSY);
	statement(charge, insert, 1, RESULT_DONE);
	story_row(&story, charge, "shipments", 2, 'i');
	story_exit(&story, charge, 0);
	story_step(&story, 1, OP_JOIN, charge);
	return story_end(&story);
}

static struct timeline *build(struct pool *pool, const struct trace *trace, struct timeline_options options)
{
	return timeline_build(pool, trace, NULL, NULL, &options);
}

static char *picture(const struct timeline *timeline, const struct terminal *terminal)
{
	char *text = NULL;
	size_t nbytes;
	FILE *stream = open_memstream(&text, &nbytes);

	columns_print(timeline, terminal, stream);
	fclose(stream);
	return text;
}

static void compare(const char *name, char *text)
{
	char path[128];
	size_t nbytes;
	char *golden;
	FILE *file;

	snprintf(path, sizeof(path), "tests/golden/timeline.%s.txt", name);
	if (getenv("ACCEPT")) {
		file = fopen(path, "w");
		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	golden = text_file_read(path, &nbytes);
	assert_non_null(golden);
	assert_string_equal(text, golden);
	free(golden);
	free(text);
}

static void test_pictures(void **state)
{
	struct pool *pool = pool_open();
	struct timeline *timeline = build(pool, double_fulfilment(), (struct timeline_options){0});

	(void)state;
	compare("narrow", picture(timeline, &narrow));
	compare("wide", picture(timeline, &wide));
	pool_close(pool);
}

/* Who only starts and joins others has no column; who does something has one, in order of birth. */
static void test_columns(void **state)
{
	struct pool *pool = pool_open();
	struct timeline *timeline = build(pool, double_fulfilment(), (struct timeline_options){0});

	(void)state;
	assert_int_equal(timeline->ncolumns, 2);
	assert_string_equal(timeline->columns[0], "charge");
	assert_string_equal(timeline->columns[1], "webhook");
	pool_close(pool);
}

static void test_finding_decides(void **state)
{
	struct finding_place places[2] = {{.task = 1, .role = (char *)""}, {.task = 3, .role = (char *)""}};
	struct finding finding = {.kind = "check", .nplaces = 2, .places = places};
	struct pool *pool = pool_open();
	struct timeline_options options = {0};
	struct timeline *timeline = timeline_build(pool, double_fulfilment(), &finding, NULL, &options);

	(void)state;
	assert_int_equal(timeline->ncolumns, 2);
	assert_string_equal(timeline->columns[0], "main");
	assert_string_equal(timeline->columns[1], "webhook");
	assert_string_equal(timeline->entries[0].text, "creates charge");
	pool_close(pool);
}

/* The step that only learns that there is no further row is no entry of its own, also when others came between. */
static void test_statement_is_told_once(void **state)
{
	struct pool *pool = pool_open();
	struct timeline *timeline = build(pool, double_fulfilment(), (struct timeline_options){0});
	uint32_t index, selects = 0;

	(void)state;
	for (index = 0; index < timeline->nentries; index++)
		selects += strncmp(timeline->entries[index].text, "SELECT", 6) == 0;
	assert_int_equal(selects, 2);
	pool_close(pool);
}

static void test_deadlock(void **state)
{
	struct pool *pool = pool_open();
	struct timeline *timeline;
	const struct trace *trace;
	uint16_t left, right;

	(void)state;
	story_begin(&story);
	left = story_task(&story, "left", 1);
	right = story_task(&story, "right", 1);
	story.objects[10].kind = story.objects[11].kind = OBJECT_MUTEX;
	story_step(&story, left, OP_MUTEX_LOCK, 10);
	preempted(story_step(&story, right, OP_MUTEX_LOCK, 11), left);
	story.announces[2] = (struct trace_announce){.request = {.op = OP_MUTEX_LOCK, .object = 11}, .task = left};
	story.announces[3] = (struct trace_announce){.request = {.op = OP_MUTEX_LOCK, .object = 10}, .task = right};
	story.tasks[left].pending = 3;
	story.tasks[right].pending = 4;
	story.trace.nannounces = 4;
	story.trace.result.outcome = OUTCOME_DEADLOCK;
	trace = story_end(&story);
	timeline = build(pool, trace, (struct timeline_options){0});
	assert_int_equal(timeline->nentries, 5);
	assert_string_equal(timeline->entries[1].text, "right takes the turn");
	assert_int_equal(timeline->entries[3].kind, ENTRY_BLOCKED);
	assert_string_equal(timeline->entries[3].text, "waits for mutex#2");
	assert_string_equal(timeline->entries[4].text, "waits for mutex#1");
	compare("deadlock", picture(timeline, &narrow));
	pool_close(pool);
}

/* What is far from the switch is left out, and the gap says how much. */
static void test_shortened(void **state)
{
	struct pool *pool = pool_open();
	struct timeline *timeline;
	uint16_t task, other;
	uint32_t index, gaps = 0, kept = 0;

	(void)state;
	story_begin(&story);
	task = story_task(&story, "worker", 1);
	other = story_task(&story, "other", 1);
	story.objects[10].kind = OBJECT_MUTEX;
	for (index = 0; index < 100; index++)
		story_step(&story, task, index % 2 ? OP_MUTEX_UNLOCK : OP_MUTEX_LOCK, 10);
	preempted(story_step(&story, other, OP_MUTEX_TRYLOCK, 10), task);
	for (index = 0; index < 100; index++)
		story_step(&story, task, index % 2 ? OP_MUTEX_UNLOCK : OP_MUTEX_LOCK, 10);
	timeline = build(pool, story_end(&story), (struct timeline_options){.most_entries = 30});
	for (index = 0; index < timeline->nentries; index++) {
		gaps += timeline->entries[index].kind == ENTRY_GAP;
		kept += timeline->entries[index].kind == ENTRY_PREEMPTION;
	}
	assert_int_equal(gaps, 2);
	assert_int_equal(kept, 1);
	assert_in_range(timeline->nentries, 15, 32);
	assert_int_equal(timeline->nomitted + timeline->nentries - gaps, 202);
	pool_close(pool);
}

/* What the target wrote can't reach the terminal as it is. */
static void test_hostile_text(void **state)
{
	struct timeline_entry entry = {.text = "SELECT '\033[31m\t\xff\xe2\x80\xae' ⇢ é"};
	const char *column = "a\nb";
	struct timeline timeline = {.ncolumns = 1, .columns = &column, .nentries = 1, .entries = &entry};
	char *text = picture(&timeline, &narrow);

	(void)state;
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\t'));
	assert_null(strstr(text, "\xff"));
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_non_null(strstr(text, "⇢ é"));
	free(text);
	text = picture(&timeline, &wide);
	assert_null(strstr(text, "é"));
	free(text);
}

/* No line is longer than the terminal is wide, however many tasks there are. */
static void test_width(void **state)
{
	struct pool *pool = pool_open();
	struct terminal terminal = {.utf8 = false};
	struct timeline *timeline = build(pool, double_fulfilment(), (struct timeline_options){0});
	char *text, *line, *rest;

	(void)state;
	for (terminal.width = 40; terminal.width <= 200; terminal.width += 7) {
		text = rest = picture(timeline, &terminal);
		while ((line = strsep(&rest, "\n")))
			assert_true(strlen(line) <= terminal.width);
		free(text);
	}
	pool_close(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pictures),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_finding_decides),
		cmocka_unit_test(test_statement_is_told_once),
		cmocka_unit_test(test_deadlock),
		cmocka_unit_test(test_shortened),
		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_width),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

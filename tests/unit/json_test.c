/* JSON: what the writer writes is JSON, and a result survives being written and read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cjson/cJSON.h>
#include <cmocka.h>

#include "tools/report/json_writer.h"
#include "tools/report/report.h"

static const struct terminal plain = {.width = 100, .utf8 = true};

static char *text_of(const struct report *report, const struct document *document, size_t *nbytes)
{
	char *text = NULL;
	FILE *stream = open_memstream(&text, nbytes);

	assert_int_equal(report_write(report, document, &plain, stream), 0);
	fclose(stream);
	return text;
}

static void test_writer(void **state)
{
	struct json_writer writer;
	char *text = NULL;
	size_t nbytes;
	FILE *stream = open_memstream(&text, &nbytes);
	cJSON *root;

	(void)state;
	json_writer_init(&writer, stream);
	json_writer_begin_object(&writer, NULL);
	json_writer_text(&writer, "te\"xt", "a\\b\"c\n\t\x01\x7fé");
	json_writer_text(&writer, "nothing", NULL);
	json_writer_text(&writer, "broken", "x\xff\xed\xa0\x80y");
	json_writer_number(&writer, "number", 0.25);
	json_writer_number(&writer, "infinite", 1e308 * 10);
	json_writer_begin_array(&writer, "empty");
	json_writer_end_array(&writer);
	json_writer_begin_array(&writer, "list");
	json_writer_count(&writer, NULL, UINT64_MAX);
	json_writer_flag(&writer, NULL, true);
	json_writer_end_array(&writer);
	json_writer_end_object(&writer);
	fclose(stream);
	root = cJSON_Parse(text);
	assert_non_null(root);
	assert_string_equal(cJSON_GetObjectItem(root, "te\"xt")->valuestring, "a\\b\"c\n\t\x01\x7fé");
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(root, "nothing")));
	assert_string_equal(cJSON_GetObjectItem(root, "broken")->valuestring,
		"x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdy");
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(root, "infinite")));
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(root, "empty")), 0);
	assert_non_null(strstr(text, "18446744073709551615"));
	cJSON_Delete(root);
	free(text);
}

static void fill_numbers(struct document *document)
{
	document->command = "./shop --orders 'a b'";
	document->verdict = document_verdict(VERDICT_FINDINGS);
	document->exit_code = 66;
	document->executions = 12;
	document->reference_executions = 4;
	document->confirming_executions = 2;
	document->distinct_traces = 9;
	document->executions_per_second = 1234.5;
	document->seconds = 0.25;
	document->units = 2;
	document->overlapping_pairs = 1;
	document->ran = document->judged = true;
	document->exhausted = true;
	document->exhausted_what = "sync points";
	document->bound = 2;
	document->strategy = "auto";
	document->carrier = "thread";
	document->reuse = "fork";
	document->seed = 7;
	document->output = "line 1\nline 2\n";
}

/* A document with something in every member. */
static struct document *example(void)
{
	static const char *remarks[] = {"not judged: a and b wait for each other"}, *ignored[] = {"orders.updated_at"};
	static const char *details[] = {"reads 1 row of orders"}, *columns[] = {"charge", "webhook"};
	static struct timeline_entry entries[] = {
		{.kind = ENTRY_STATEMENT, .column = 0, .step = 3, .text = "SELECT <1> & \"2\"", .details = details,
			.ndetails = 1, .function = "fulfill", .file = "shop.c", .line = 41},
		{.kind = ENTRY_PREEMPTION, .column = 0, .step = 4, .text = "webhook takes the turn"},
		{.kind = ENTRY_EFFECT, .column = 1, .step = 5, .text = "effect: mail order 1"},
	};
	static struct timeline timeline = {.ncolumns = 2, .columns = columns, .nentries = 3, .entries = entries};
	static struct document_frame frames[] = {{"fulfill", "shop", "shop.c", 41, 0x1234}, {.module = "libc.so.6",
		.offset = 0x99}};
	static struct document_place places[] = {{"charge read orders", "charge", 2, frames}};
	static struct document_finding finding = {.kind = "serializability", .class = "double effect",
		.fingerprint = "5b1d09c2", .message = "double effect: order 1 twice", .schedule = "race-findings/x.race",
		.replay = "race replay race-findings/x.race -- ./shop", .first_execution = 3, .npreemptions = 1, .nlines = 4,
		.ntasks = 2, .tasks = columns, .nplaces = 1, .places = places, .timeline = &timeline};
	static struct document_uncontrolled uncontrolled[] = {{"blocked outside control", "read in main", 2}};
	static struct document_written written[] = {{"out/log", "changed"}};
	static const struct document_replay replay = {.schedule = "races/a.race", .verdict = "followed",
		.message = "followed, the failure did not occur", .seconds = 0.125};
	struct document *document = document_open();

	fill_numbers(document);
	document->remarks = remarks;
	document->ignored = ignored;
	document->uncontrolled = uncontrolled;
	document->written = written;
	document->nwritten = 1;
	document->nremarks = document->nignored = document->nuncontrolled = document->nfindings = 1;
	document->findings = &finding;
	document_add_replay(document, &replay);
	return document;
}

/* Written, read, written again: the same text. */
static void test_round_trip(void **state)
{
	struct document *document = example(), *again;
	char reason[128];
	size_t nbytes, nbytes_again;
	char *text = text_of(&report_json, document, &nbytes), *text_again;

	(void)state;
	again = document_read(text, nbytes, reason, sizeof(reason));
	assert_non_null(again);
	assert_int_equal(again->findings[0].timeline->ncolumns, 2);
	assert_int_equal(again->bound, 2);
	text_again = text_of(&report_json, again, &nbytes_again);
	assert_string_equal(text, text_again);
	free(text_again);
	free(text);
	text = text_of(&report_text, document, &nbytes);
	text_again = text_of(&report_text, again, &nbytes_again);
	assert_string_equal(text, text_again);
	free(text_again);
	free(text);
	document_close(again);
	document_close(document);
}

static void test_no_result(void **state)
{
	static const char *const texts[] = {"", "{", "[]", "{}", "{\"findings\": 3}", "nonsense"};
	char reason[128];
	size_t index;

	(void)state;
	for (index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
		*reason = '\0';
		assert_null(document_read(texts[index], strlen(texts[index]), reason, sizeof(reason)));
		assert_true(*reason);
	}
}

/* Members of the wrong type or size are as if they were missing; nothing is read beyond what is there. */
static void test_hostile_result(void **state)
{
	static const char text[] = "{\"findings\": [{\"kind\": 3, \"locations\": {\"a\": 1}, \"timeline\": [{}, {\"kind\": "
		"\"odd\", \"details\": [1, \"x\"], \"step\": -4, \"line\": 1e300}], \"tasks\": \"no\"}, 7], "
		"\"executions\": -1, \"seed\": 1e400, \"exhausted\": [], \"uncontrolled\": [null], \"replays\": [1]}";
	char reason[128];
	struct document *document = document_read(text, strlen(text), reason, sizeof(reason));
	size_t nbytes, index;
	char *written;

	(void)state;
	assert_non_null(document);
	assert_int_equal(document->nfindings, 2);
	assert_int_equal(document->executions, 0);
	assert_int_equal(document->findings[0].timeline->nentries, 2);
	for (index = 0; report_word((uint32_t)index); index++) {
		written = text_of(report_find(report_word((uint32_t)index)), document, &nbytes);
		assert_true(nbytes > 0);
		free(written);
	}
	document_close(document);
}

/* SARIF and JSON parse; HTML and JUnit escape what is special there. */
static void test_formats(void **state)
{
	struct document *document = example();
	size_t nbytes;
	char *text = text_of(&report_sarif, document, &nbytes);
	cJSON *root = cJSON_Parse(text), *run, *result;

	(void)state;
	assert_non_null(root);
	run = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "runs"), 0);
	result = cJSON_GetArrayItem(cJSON_GetObjectItem(run, "results"), 0);
	assert_string_equal(cJSON_GetObjectItem(result, "ruleId")->valuestring, "serializability");
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetArrayItem(cJSON_GetObjectItem(
		cJSON_GetArrayItem(cJSON_GetObjectItem(result, "codeFlows"), 0), "threadFlows"), 0), "locations")), 2);
	cJSON_Delete(root);
	free(text);
	text = text_of(&report_html, document, &nbytes);
	assert_non_null(strstr(text, "SELECT &lt;1&gt; &amp; &quot;2&quot;"));
	assert_null(strstr(text, "SELECT <1>"));
	free(text);
	text = text_of(&report_junit, document, &nbytes);
	assert_non_null(strstr(text, "tests=\"2\" failures=\"1\" errors=\"0\""));
	assert_null(strstr(text, "SELECT <1>"));
	free(text);
	document_close(document);
}

/* A clean result says what was explored, and never that there is nothing to find. */
static void test_honest_ending(void **state)
{
	struct document *document = example();
	size_t nbytes;
	char *text;

	(void)state;
	document->nfindings = 0;
	document->verdict = document_verdict(VERDICT_CLEAN);
	document->overlapping_pairs = 0;
	text = text_of(&report_text, document, &nbytes);
	assert_int_equal(strncmp(text, "no units could interleave: 2 units, 0 overlapping;", 50), 0);
	assert_non_null(strstr(text, "no finding in what was explored"));
	assert_non_null(strstr(text, "all interleavings of sync points with at most 2 preemptions"));
	assert_non_null(strstr(text, "plain memory accesses are not interleaved"));
	assert_null(strcasestr(text, "no bug"));
	free(text);
	document->distinct_traces = 1;
	text = text_of(&report_text, document, &nbytes);
	assert_int_equal(strncmp(text, "nothing could interleave: 2 units, 0 overlapping\n", 49), 0);
	free(text);
	document_close(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writer),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_no_result),
		cmocka_unit_test(test_hostile_result),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_honest_ending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

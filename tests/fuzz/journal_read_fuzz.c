/*
 * Fuzz target: any bytes read as a journal, and everything that a resumed search does with what comes out.
 *
 *     clang -g -fsanitize=fuzzer,address,undefined $FLAGS tests/fuzz/journal_read_fuzz.c $SOURCES   with libFuzzer
 *     gcc -g -fsanitize=address,undefined -DFUZZ_MAIN $FLAGS tests/fuzz/journal_read_fuzz.c $SOURCES  runs the files named
 *
 * with FLAGS="-std=gnu17 -D_GNU_SOURCE -Iruntime -I." and SOURCES those of explorer/ and runtime/shared/.
 * unit/journal_fuzz_test.c drives it with spoilt genuine journals in every `make check`.
 *
 * The bytes are read as they are, then once more with right checksums, which no spoilt byte would get past.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explorer/journal_read.h"
#include "explorer/trace_read.h"
#include "explorer/uncontrolled.h"
#include "tests/unit/control_block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);

/* The tables that the journal's records go into; a control block that is emptied each time. */
static struct control *tables(void)
{
	static struct control *control;

	if (!control && !(control = control_block_new()))
		abort();
	memset(control->statements, 0, (control->nstatements + 1) * sizeof *control->statements);
	memset(control->text, 0, control->text_used);
	control->nstatements = 0;
	control->text_used = 1;
	return control;
}

static void look_at_execution(const struct journal_item *item, const struct control *control)
{
	const struct journal_execution *execution = item->execution;
	const char *reason = NULL, *where;
	size_t at = 0, length = 0;
	uint32_t kind;
	struct trace *trace = trace_read(item->trace, execution->trace_bytes, &execution->result, control, &reason);

	if (!trace && !reason)
		abort();
	for (uint32_t i = 0; trace && i < trace->nannounces; i++)
		length += strlen(trace_statement_text(trace, trace->announces[i].request.statement));
	while (uncontrolled_next(item->notes, execution->note_bytes, &at, &kind, &where))
		length += strlen(where);
	if (length > execution->trace_bytes * (LIMIT_TEXT_BYTES + 1ul) + execution->note_bytes)
		abort();
	trace_close(trace);
}

static void look_at(const char *bytes, size_t nbytes)
{
	struct journal_view view = {.bytes = bytes, .nbytes = nbytes};
	struct control *control = tables();
	struct journal_identity identity;
	struct journal_item item;

	if (journal_read_head(&view, &identity))
		return;
	for (;;) {
		size_t before = view.at;
		enum journal_next next = journal_read_next(&view, &item);
		if (next != JOURNAL_NEXT_TABLES && next != JOURNAL_NEXT_EXECUTION) {
			if (view.at != before || view.at > nbytes)
				abort();
			return;
		}
		if (view.at <= before || view.at > nbytes)
			abort();
		if (next == JOURNAL_NEXT_TABLES && journal_read_tables(item.tables, control) < 0)
			return;
		if (next == JOURNAL_NEXT_EXECUTION)
			look_at_execution(&item, control);
	}
}

static void mend_sums(char *bytes, size_t nbytes)
{
	struct journal_head *head = (void *)bytes;
	size_t at = sizeof *head;

	if (nbytes < at)
		return;
	head->sum = journal_sum(head, offsetof(struct journal_head, sum));
	while (nbytes - at >= sizeof(struct journal_record)) {
		struct journal_record *record = (void *)(bytes + at);
		size_t left = nbytes - at - sizeof *record;
		if (record->nbytes <= left)
			record->content = journal_sum(record + 1, record->nbytes);
		record->sum = journal_sum(record, offsetof(struct journal_record, sum));
		if (record->nbytes > left || record->nbytes % 8)
			return;
		at += sizeof *record + record->nbytes;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes)
{
	char *aligned = malloc(nbytes + 1);

	if (!aligned || !nbytes) {
		free(aligned);
		return 0;
	}
	memcpy(aligned, data, nbytes);
	look_at(aligned, nbytes);
	mend_sums(aligned, nbytes);
	look_at(aligned, nbytes);
	free(aligned);
	return 0;
}

#ifdef FUZZ_MAIN
int main(int argc, char **argv)
{
	static uint8_t data[1 << 24];
	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		if (!file) {
			perror(argv[i]);
			return 1;
		}
		LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof(data), file));
		fclose(file);
	}
	return 0;
}
#endif

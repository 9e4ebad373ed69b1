/*
 * Fuzzes the schedule parser: whatever it accepts must print, what it printed must parse to the same schedule, and a
 * refusal must have a reason. A failure aborts.
 *
 *     clang -fsanitize=fuzzer,address ... tests/fuzz/schedule_fuzz.c    as a libFuzzer target
 *     cc -DFUZZ_MAIN ... tests/fuzz/schedule_fuzz.c; ./a.out FILE...    each file once
 *
 * tests/unit/schedule_fuzz_test.c runs it over the same mutations every time.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explorer/schedule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);

static void complain(const char *what, const void *input, size_t nbytes)
{
	fprintf(stderr, "schedule_fuzz: %s:\n%.*s\n", what, (int)nbytes, (const char *)input);
	abort();
}

static struct schedule *parse(const char *text, size_t nbytes)
{
	char reason[64] = "";
	struct schedule *schedule = schedule_parse(text, nbytes, reason, sizeof reason);

	if (schedule == NULL && (reason[0] == '\0' || memchr(reason, '\0', sizeof reason) == NULL))
		complain("a refusal without a reason", text, nbytes);
	return schedule;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes)
{
	struct schedule *schedule = parse((const char *)data, nbytes), *again;
	char *text;
	size_t length;

	if (schedule == NULL)
		return 0;
	FILE *out = open_memstream(&text, &length);
	if (out == NULL || schedule_print(schedule, out) != 0 || fclose(out) != 0)
		complain("an accepted schedule can't be printed", data, nbytes);
	again = parse(text, length);
	if (again == NULL || !schedule_equal(schedule, again))
		complain("a printed schedule is not the same", data, nbytes);
	schedule_close(again);
	schedule_close(schedule);
	free(text);
	return 0;
}

#ifdef FUZZ_MAIN
int main(int argc, char **argv)
{
	static uint8_t data[1 << 24];
	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		if (file == NULL) {
			perror(argv[i]);
			return 1;
		}
		LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof data, file));
		fclose(file);
	}
	return 0;
}
#endif

/*
 * A genuine journal, spoilt in thousands of ways, does no harm to who reads it. Deterministic, two seconds or so; the
 * sanitizers see what a reader alone would not.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "logbook.h"
#include "tests/fuzz/journal_read_fuzz.c"

enum { ROUNDS = 20000, SECONDS = 2, MOST_BYTES = 65536, MOST_CHANGES = 4 };

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(random_state >> 33) % n;
}

/* The fields of heads and records are where most goes wrong; texts and traces come after. */
static void spoil(uint8_t *data, uint32_t nbytes)
{
	static const uint32_t values[] = {0, 1, 2, 7, 8, 24, 255, 8191, 8192, 65535, 4194304, 0x7fffffff, 0xffffffff};
	uint32_t value = values[random_below(sizeof values / sizeof *values)];
	uint32_t at = random_below(3) ? 4 * random_below((nbytes - 4) / 4) : random_below(nbytes - 4);

	switch (random_below(3)) {
	case 0: data[at] ^= (uint8_t)(1u << random_below(8)); break;
	case 1: memcpy(data + at, &value, sizeof value); break;
	default: data[at] = (uint8_t)(data[at] + random_below(17) - 8); break;
	}
}

static uint32_t write_journal(uint8_t *data)
{
	struct logbook logbook;
	ssize_t nbytes;

	logbook_init(&logbook);
	assert_int_equal(logbook_open(&logbook), 0);
	logbook_add_statement(&logbook, "SELECT ?");
	assert_int_equal(logbook_write(&logbook, 1, 0, NULL, 0), 0);
	logbook_add_statement(&logbook, "UPDATE ?");
	assert_int_equal(logbook_write(&logbook, 2, JOURNAL_FOUND, "1 read", 7), 0);
	int fd = open(logbook.path, O_RDONLY);
	nbytes = read(fd, data, MOST_BYTES);
	close(fd);
	logbook_fini(&logbook);
	assert_true(nbytes > 0 && nbytes < MOST_BYTES);
	return (uint32_t)nbytes;
}

static void test_spoilt_journals(void **state)
{
	static uint8_t genuine[MOST_BYTES], data[MOST_BYTES];
	uint32_t nbytes = write_journal(genuine);
	time_t start = time(NULL);

	(void)state;
	for (uint32_t round = 0; round < ROUNDS && time(NULL) - start <= SECONDS; round++) {
		uint32_t length = nbytes;
		random_state = round;
		memcpy(data, genuine, nbytes);
		for (uint32_t n = random_below(MOST_CHANGES + 1); n > 0; n--)
			spoil(data, random_below(2) ? nbytes : 512);
		if (random_below(8) == 0)
			length = 1 + random_below(nbytes);
		assert_int_equal(LLVMFuzzerTestOneInput(data, length), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests_of_fuzzing[] = {
		cmocka_unit_test(test_spoilt_journals),
	};
	return cmocka_run_group_tests(tests_of_fuzzing, NULL, NULL);
}

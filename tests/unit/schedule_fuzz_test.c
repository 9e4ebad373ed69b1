/*
 * Schedules that have every word, spoilt in a hundred thousand ways, are refused with a reason or print back the
 * same. Deterministic, two seconds or so; the sanitizers see what a reader alone would not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "tests/fuzz/schedule_fuzz.c"

enum { INPUT_BYTES = 4096, ROUNDS = 200000, SECONDS = 2 };

static const char *const seeds[] = {
	"race-schedule 1\n# comment\ncommand  build/program --flag 'a b'\nfinding  serializability 5b1d09c2\n"
	"chooser  first\nseed 7\ndb       shop postgresql 15\nrun main until join charge\n"
	"run charge until sqlite-step \"UPDATE orders SET status = ?\"~0123abcd in fulfill #2\nrun webhook until exit\n"
	"trace    9f31c2d4a8e07711\n",
	"race-schedule 1\ndeliver server \"pg#2\" reply \"SELECT\"\nhold server \"http#1\"\n"
	"timeout charge cond-timedwait in wait_order\nwake charge cond-signal ready webhook in notify\n"
	"grant charge before refund on orders key ?\nvictim webhook 40P01\nbusy charge \"BEGIN IMMEDIATE\"\n"
	"fault charge reply-lost \"COMMIT\" #2\nsignal worker TERM\n",
	"race-schedule 1\r\nrun a\\040b until mutex-lock \\151n in \"f (int)\"\nrun t until exiting\n\n#\n",
};

static const char *const pieces[] = {"\"", "\\", "\\040", "\\n", "#", "#2", " in ", " until ", "~", "~0123abcd", "\n",
	"\r\n", " ", "\t", "exit", "run ", "wake ", "busy ", "trace ", "db ", "command ", "mutex-lock", "\x7f", "\xff",
	"4294967296"};

static uint64_t random_state = 1;

static size_t below(size_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return limit > 0 ? random_state % limit : 0;
}

static size_t insert(char *text, size_t nbytes, size_t at, const char *piece)
{
	size_t length = strlen(piece);

	if (nbytes + length > INPUT_BYTES)
		return nbytes;
	memmove(text + at + length, text + at, nbytes - at);
	memcpy(text + at, piece, length);
	return nbytes + length;
}

static size_t cut(char *text, size_t nbytes, size_t at)
{
	size_t length = 1 + below(nbytes - at < 12 ? nbytes - at : 12);

	if (at + length > nbytes)
		return nbytes;
	memmove(text + at, text + at + length, nbytes - at - length);
	return nbytes - length;
}

static size_t mutate(char *text, size_t nbytes)
{
	size_t at = below(nbytes);

	switch (below(4)) {
	case 0:
		if (nbytes > 0)
			text[at] = (char)below(256);
		return nbytes;
	case 1: return cut(text, nbytes, at);
	default: return insert(text, nbytes, at, pieces[below(sizeof pieces / sizeof *pieces)]);
	}
}

static void test_mutations(void **state)
{
	(void)state;
	clock_t end = clock() + SECONDS * CLOCKS_PER_SEC;
	char text[INPUT_BYTES];
	for (int round = 0; round < ROUNDS && clock() < end; round++) {
		const char *seed = seeds[below(sizeof seeds / sizeof *seeds)];
		size_t nbytes = strlen(seed);
		memcpy(text, seed, nbytes);
		for (size_t n = 1 + below(4); n > 0; n--)
			nbytes = mutate(text, nbytes);
		LLVMFuzzerTestOneInput((const uint8_t *)text, nbytes);
	}
}

static void test_seeds_are_accepted(void **state)
{
	(void)state;
	char reason[256];
	for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
		struct schedule *schedule = schedule_parse(seeds[i], strlen(seeds[i]), reason, sizeof reason);
		assert_non_null(schedule);
		schedule_close(schedule);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds_are_accepted),
		cmocka_unit_test(test_mutations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

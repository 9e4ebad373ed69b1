/* Genuine messages, spoilt in thousands of ways, are taken alike in pieces and whole. Deterministic, two seconds at most. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "tests/fuzz/http_fuzz.c"

enum { ROUNDS = 200000, SECONDS = 2, MOST_BYTES = 1024, MOST_CHANGES = 6 };

static const char *const messages[] = {
	"POST /webhook?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\norder=1GET / HTTP/1.0\r\n\r\n",
	"PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0a;x\r\n0123456789\r\n0\r\nX: y\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
	"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyesHTTP/1.1 204 No\r\n\r\n",
	"HTTP/1.0 200 OK\r\nServer: x\r\n\r\nuntil the end 17",
};

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(random_state >> 33) % n;
}

static uint32_t spoil(uint8_t *data, uint32_t nbytes)
{
	static const char signs[] = "\r\n :/0123456789HTPfx\xff";
	uint32_t at = 2 + random_below(nbytes - 2), length = random_below(8);

	switch (random_below(4)) {
	case 0: data[at] ^= (uint8_t)(1u << random_below(8)); break;
	case 1: data[at] = (uint8_t)signs[random_below(sizeof signs - 1)]; break;
	case 2: /* a stretch is left out */
		if (at + length >= nbytes)
			break;
		memmove(data + at, data + at + length, nbytes - at - length);
		return nbytes - length;
	default: /* or repeated */
		if (at + length > nbytes || nbytes + length > MOST_BYTES)
			break;
		memmove(data + at + length, data + at, nbytes - at);
		return nbytes + length;
	}
	return nbytes;
}

static void test_spoilt(void **state)
{
	uint8_t data[MOST_BYTES];
	time_t end = time(NULL) + SECONDS;

	(void)state;
	for (uint32_t round = 0; round < ROUNDS && time(NULL) < end; round++) {
		const char *message = messages[round % (sizeof messages / sizeof *messages)];
		uint32_t nbytes = (uint32_t)strlen(message) + 2;
		data[0] = (uint8_t)(strncmp(message, "HTTP", 4) == 0) ^ (round % 64 == 0);
		data[1] = (uint8_t)(1 + random_below(40));
		memcpy(data + 2, message, nbytes - 2);
		for (uint32_t i = random_below(MOST_CHANGES); i > 0 && nbytes > 8; i--)
			nbytes = spoil(data, nbytes);
		LLVMFuzzerTestOneInput(data, nbytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_spoilt)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

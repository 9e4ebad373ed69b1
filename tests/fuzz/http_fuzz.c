/*
 * Fuzz target: any bytes taken as one direction of an HTTP connection, in pieces of any size, give what they give in one
 * piece. Built as trace_read_fuzz.c says; unit/http_fuzz_test.c drives it with mutated messages in every `make check`.
 *
 * The first byte of the input says which direction it is, the second how long the pieces are; the rest are bytes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);

struct hearing {
	struct http http;
	uint32_t nnamed, nwhole;
	uint64_t digests;
};

static void hear(struct hearing *hearing, const uint8_t *bytes, uint32_t nbytes)
{
	while (nbytes > 0) {
		uint32_t events, taken = http_take(&hearing->http, bytes, nbytes, &events);
		if (taken == 0 || taken > nbytes)
			abort();
		if (memchr(hearing->http.name, '\0', HTTP_NAME_BYTES) == NULL ||
			memchr(hearing->http.context, '\0', HTTP_CONTEXT_BYTES) == NULL)
			abort();
		hearing->nnamed += (events & HTTP_NAMED) != 0;
		hearing->nwhole += (events & HTTP_DONE) != 0;
		if (events & HTTP_DONE)
			hearing->digests = hearing->digests * 31 + hearing->http.digest;
		bytes += taken;
		nbytes -= taken;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes)
{
	struct hearing whole = {0}, pieces = {0};

	if (nbytes < 2)
		return 0;
	http_init(&whole.http, data[0] & 1);
	http_init(&pieces.http, data[0] & 1);
	uint32_t most = data[1] ? data[1] : 1, length = (uint32_t)nbytes - 2;
	hear(&whole, data + 2, length);
	for (uint32_t at = 0; at < length; at += most)
		hear(&pieces, data + 2 + at, length - at < most ? length - at : most);
	if (pieces.nnamed != whole.nnamed || pieces.nwhole != whole.nwhole || pieces.digests != whole.digests)
		abort();
	return 0;
}

#ifdef FUZZ_MAIN
int main(int argc, char **argv)
{
	static uint8_t bytes[1 << 20];

	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		size_t nbytes = file ? fread(bytes, 1, sizeof bytes, file) : 0;
		if (file)
			fclose(file);
		LLVMFuzzerTestOneInput(bytes, nbytes);
	}
	return 0;
}
#endif

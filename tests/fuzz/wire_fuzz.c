/*
 * Fuzzes the decoders of database protocols: whatever is said on a connection, the same bytes in other pieces give the
 * same events, every byte of a text that is told can be read, nothing is told after the state is final, and it stays so.
 * A failure aborts; reading out of bounds is the sanitizer's to find.
 *
 * The first byte of an input is the protocol. Pieces follow: a byte whose highest bit says who speaks, the others how
 * many bytes, and these.
 *
 *     clang -fsanitize=fuzzer,address ... tests/fuzz/wire_fuzz.c        as a libFuzzer target
 *     cc -DFUZZ_MAIN ... tests/fuzz/wire_fuzz.c; ./a.out SECONDS SEED FILE.hex...   mutations of recorded connections
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/shared/hash.h"
#include "runtime/shared/wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);

enum { PIECE_MOST = 127, WAYS = 3 };

struct watched {
	uint64_t hash, nevents;
	bool left;
};

static void complain(const char *what)
{
	fprintf(stderr, "wire_fuzz: %s\n", what);
	abort();
}

static uint64_t hash_text_of(uint64_t hash, struct wire_text text)
{
	if (text.nbytes > text.length || (text.nbytes > 0 && !text.bytes))
		complain("a text longer than its length");
	hash = hash_bytes(hash, text.bytes, text.nbytes);
	hash = hash_bytes(hash, &text.length, sizeof text.length);
	return hash_bytes(hash, &text.hash, sizeof text.hash);
}

static void watch(void *context, const struct wire_event *event)
{
	struct watched *watched = context;
	const uint64_t numbers[] = {event->kind, event->act, event->status, event->state, event->transaction,
		event->statement, event->nstatements, event->source, event->parameters, event->nparameters,
		event->index, event->is_binary, event->is_null, event->id, event->backend, event->rows, event->affected,
		event->digest, event->number};

	if (watched->left)
		complain("an event after the last");
	watched->left = event->kind == WIRE_LEFT;
	watched->nevents++;
	watched->hash = hash_bytes(watched->hash, numbers, sizeof numbers);
	watched->hash = hash_bytes(watched->hash, event->code, strnlen(event->code, sizeof event->code));
	watched->hash = hash_text_of(hash_text_of(watched->hash, event->text), event->name);
}

/* In memory of its own, so that a sanitizer sees what reads past it. */
static void feed(struct wire *wire, bool server, const uint8_t *bytes, size_t nbytes, struct watched *watched)
{
	uint8_t *copy = malloc(nbytes);

	memcpy(copy, bytes, nbytes);
	if (server)
		wire_received(wire, copy, nbytes, (struct wire_visitor){watch, watched});
	else
		wire_sent(wire, copy, nbytes, (struct wire_visitor){watch, watched});
	free(copy);
	if (watched->left != (wire_state(wire) > WIRE_READY) || watched->left != (wire_reason(wire)[0] != '\0'))
		complain("a final state that is not told, or has no reason");
	if (watched->left && (wire_is_waiting(wire) || wire_is_sending(wire)))
		complain("waiting in a final state");
}

/* way: 0 whole pieces, 1 bytes, 2 by threes. */
static struct watched play(struct wire *wire, int way, const uint8_t *data, size_t nbytes)
{
	struct watched watched = {.hash = HASH_START};

	wire_open(wire, (enum wire_protocol)(1 + data[0] % 3));
	for (size_t at = 1; at < nbytes;) {
		bool server = data[at] & 0x80;
		size_t piece = data[at++] & PIECE_MOST;
		if (piece > nbytes - at)
			piece = nbytes - at;
		for (size_t done = 0; done < piece;) {
			size_t part =
				way == 0 || piece - done < (size_t)(2 * way - 1) ? piece - done : (size_t)(2 * way - 1);
			feed(wire, server, data + at + done, part, &watched);
			done += part;
		}
		at += piece;
	}
	return watched;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes)
{
	static struct wire wire, other;

	if (nbytes == 0)
		return 0;
	struct watched whole = play(&wire, 0, data, nbytes);
	for (int way = 1; way < WAYS; way++) {
		struct watched again = play(&other, way, data, nbytes);
		if (again.hash != whole.hash || again.nevents != whole.nevents)
			complain("other events in other pieces");
		if (wire_is_waiting(&wire) != wire_is_waiting(&other) ||
			wire_is_sending(&wire) != wire_is_sending(&other) || wire_state(&wire) != wire_state(&other) ||
			wire_transaction(&wire) != wire_transaction(&other))
			complain("another state in other pieces");
	}
	return 0;
}

#ifdef FUZZ_MAIN
#include <ctype.h>
#include <time.h>

enum { INPUTS = 64, INPUT_BYTES = 1 << 16 };

static struct {
	uint8_t bytes[INPUT_BYTES];
	size_t nbytes;
} inputs[INPUTS];

static uint64_t random_state = 1;

static size_t below(size_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return limit > 0 ? random_state % limit : 0;
}

static size_t add_piece(uint8_t *bytes, size_t nbytes, bool server, const char *hex)
{
	size_t length = strspn(hex, "0123456789abcdef") / 2;

	while (length > 0) {
		size_t piece = length < PIECE_MOST ? length : PIECE_MOST;
		if (nbytes + piece + 1 > INPUT_BYTES)
			break;
		bytes[nbytes++] = (uint8_t)(piece | (server ? 0x80 : 0));
		for (size_t i = 0; i < piece; i++, hex += 2) {
			char pair[3] = {hex[0], hex[1]};
			bytes[nbytes++] = (uint8_t)strtoul(pair, NULL, 16);
		}
		length -= piece;
	}
	return nbytes;
}

static void read_input(size_t index, const char *path)
{
	FILE *file = fopen(path, "r");
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	char *line = NULL;
	size_t room = 0;

	if (!file) {
		perror(path);
		exit(1);
	}
	inputs[index].bytes[0] = *name == 'p' ? 0 : *name == 'm' ? 1 : 2;
	inputs[index].nbytes = 1;
	while (getline(&line, &room, file) > 0)
		if ((line[0] == 'C' || line[0] == 'S') && line[1] == ' ')
			inputs[index].nbytes =
				add_piece(inputs[index].bytes, inputs[index].nbytes, line[0] == 'S', line + 2);
	free(line);
	fclose(file);
}

static void spoil(uint8_t *bytes, size_t *nbytes)
{
	static const uint8_t special[] = {
		0, 1, 0x7f, 0x80, 0xfb, 0xfc, 0xfe, 0xff, '*', '$', '\r', '\n', 'S', 'E', 'Z', 'G'};
	size_t at = 1 + below(*nbytes - 1), length = 1 + below(24);

	if (length > *nbytes - at)
		length = *nbytes - at;
	switch (below(5)) {
	case 0: bytes[at] = (uint8_t)below(256); break;
	case 1: bytes[at] = special[below(sizeof special)]; break;
	case 2: bytes[at] ^= (uint8_t)(1 << below(8)); break;
	case 3: /* a part is left out */
		memmove(bytes + at, bytes + at + length, *nbytes - at - length);
		*nbytes -= length;
		break;
	default: /* a part comes twice */
		if (*nbytes + length > INPUT_BYTES)
			break;
		memmove(bytes + at + length, bytes + at, *nbytes - at);
		*nbytes += length;
		break;
	}
}

int main(int argc, char **argv)
{
	static uint8_t bytes[INPUT_BYTES];
	size_t ninputs = 0, rounds = 0;

	if (argc < 4)
		return 2;
	random_state = strtoull(argv[2], NULL, 0) | 1;
	for (int i = 3; i < argc && ninputs < INPUTS; i++, ninputs++) {
		read_input(ninputs, argv[i]);
		LLVMFuzzerTestOneInput(inputs[ninputs].bytes, inputs[ninputs].nbytes);
	}
	time_t end = time(NULL) + atol(argv[1]);
	for (; time(NULL) < end; rounds++) {
		size_t input = below(ninputs), nbytes = inputs[input].nbytes;
		memcpy(bytes, inputs[input].bytes, nbytes);
		for (size_t n = 1 + below(4); n > 0 && nbytes > 2; n--)
			spoil(bytes, &nbytes);
		LLVMFuzzerTestOneInput(bytes, nbytes);
	}
	printf("%zu recorded connections, %zu spoilt ones\n", ninputs, rounds);
	return ninputs == 0 || rounds == 0;
}
#endif

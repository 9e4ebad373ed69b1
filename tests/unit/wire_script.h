/*
 * Connections played to a decoder, and what it told, as text: one event a line, fields that are empty left out.
 *
 * A script is lines of `C <hex>` and `S <hex>`, client and server; `#` begins a comment. tests/corpus/wire/ holds such.
 */
#ifndef RACE_TESTS_WIRE_SCRIPT_H
#define RACE_TESTS_WIRE_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/shared/wire/wire.h"

struct wire_piece {
	char from; /* 'C', 'S' */
	uint8_t *bytes;
	size_t nbytes;
};

struct wire_script {
	struct wire_piece *pieces;
	size_t npieces;
};

/* How pieces are broken up: 0: not at all; 1: into single bytes; else: at random, this being the seed. */
enum wire_break { WIRE_WHOLE, WIRE_BYTES };

struct wire_script *wire_script_open(void);
void wire_script_close(struct wire_script *script);

/* Adds bytes; `wire_script_text` those of a C string. */
void wire_script_add(struct wire_script *script, char from, const void *bytes, size_t nbytes);
void wire_script_text(struct wire_script *script, char from, const char *text);

/* Reads a file; NULL: it can't be read. */
struct wire_script *wire_script_read(const char *path);

/* What a decoder tells of it, to be freed; its final state stays in *wire. */
char *wire_script_play(const struct wire_script *script, enum wire_protocol protocol, uint64_t how, struct wire *wire);

/* Fails the test unless this is told, in all ways to break it up. */
void wire_script_expect(const struct wire_script *script, enum wire_protocol protocol, const char *expected);

/* The same of a file in tests/corpus/wire/ and the .events beside it. */
void wire_script_expect_file(const char *name, enum wire_protocol protocol);

#endif

#include "wire_script.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/shared/hash.h"

enum { SHOWN = 72, WAYS = 40 };

struct wire_script *wire_script_open(void)
{
	return calloc(1, sizeof(struct wire_script));
}

void wire_script_close(struct wire_script *script)
{
	for (size_t i = 0; i < script->npieces; i++)
		free(script->pieces[i].bytes);
	free(script->pieces);
	free(script);
}

void wire_script_add(struct wire_script *script, char from, const void *bytes, size_t nbytes)
{
	script->pieces = realloc(script->pieces, (script->npieces + 1) * sizeof *script->pieces);
	struct wire_piece *piece = &script->pieces[script->npieces++];
	*piece = (struct wire_piece){.from = from, .bytes = malloc(nbytes + 1), .nbytes = nbytes};
	memcpy(piece->bytes, bytes, nbytes);
}

void wire_script_text(struct wire_script *script, char from, const char *text)
{
	wire_script_add(script, from, text, strlen(text));
}

static uint8_t digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
}

static void add_line(struct wire_script *script, char *line)
{
	uint8_t *bytes = (uint8_t *)line;
	size_t nbytes = 0;

	for (const char *at = line + 2; isxdigit((unsigned char)at[0]) && isxdigit((unsigned char)at[1]); at += 2)
		bytes[nbytes++] = (uint8_t)(digit(at[0]) << 4 | digit(at[1]));
	wire_script_add(script, line[0], bytes, nbytes);
}

struct wire_script *wire_script_read(const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	if (!file)
		return NULL;
	struct wire_script *script = wire_script_open();
	while (getline(&line, &room, file) > 0)
		if ((line[0] == 'C' || line[0] == 'S') && line[1] == ' ') {
			char from = line[0];
			add_line(script, line);
			script->pieces[script->npieces - 1].from = from;
		}
	free(line);
	fclose(file);
	return script;
}

static void show_text(FILE *out, const char *name, struct wire_text text)
{
	if (text.length == 0 && !text.bytes)
		return;
	fprintf(out, " %s=\"", name);
	for (uint32_t i = 0; i < text.nbytes && i < SHOWN; i++) {
		unsigned char c = (unsigned char)text.bytes[i];
		if (c < ' ' || c > '~' || c == '"' || c == '\\')
			fprintf(out, "\\%03o", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
	if (text.nbytes > SHOWN || text.length > text.nbytes)
		fprintf(out, "~%llu:%016llx", (unsigned long long)text.length, (unsigned long long)text.hash);
	else
		assert_int_equal(text.hash, hash_bytes(HASH_START, text.bytes, text.nbytes));
}

static void show_number(FILE *out, const char *name, uint64_t number)
{
	if (number)
		fprintf(out, " %s=%llu", name, (unsigned long long)number);
}

static void show_flags(FILE *out, const struct wire_event *event)
{
	static const char *const statuses[] = {"", " error", " suspended", " queued", " null"};
	static const char *const transactions[] = {"", " in-transaction", " failed"};

	fputs(statuses[event->status], out);
	fputs(transactions[event->transaction], out);
	fprintf(out, "%s%s", event->is_binary ? " binary" : "", event->is_null ? " is-null" : "");
}

/* Hashes are shown as being there; that they are the same in all ways to break a script up is checked by whole events. */
static void show(void *context, const struct wire_event *event)
{
	static const char *const kinds[] = {"statement", "parameter", "request", "cancel", "end", "session", "result",
		"copy", "reply", "notice", "notification", "left"};
	static const char *const acts[] = {
		"", " query", " prepare", " bind", " execute", " fetch", " close", " command"};
	static const char *const states[] = {"", " ready", " ended", " encrypted", " unsupported", " lost"};
	FILE *out = context;

	fprintf(out, "%s%s%s", kinds[event->kind], acts[event->act], states[event->state]);
	show_number(out, "statement", event->statement);
	show_number(out, "nstatements", event->nstatements);
	show_flags(out, event);
	show_number(out, "index", event->index);
	show_number(out, "id", event->id);
	show_number(out, "rows", event->rows);
	show_number(out, "affected", event->affected);
	if (event->code[0])
		fprintf(out, " code=%s", event->code);
	show_number(out, "number", event->number);
	show_text(out, "name", event->name);
	show_text(out, "text", event->text);
	show_number(out, "nparameters", event->nparameters);
	fprintf(out, "%s%s%s", event->parameters ? " parameters" : "", event->digest ? " digest" : "",
		event->source ? " source" : "");
	fprintf(out, "%s\n", event->backend ? " backend" : "");
}

/* What is told, and a hash of all that show() leaves out. */
struct told {
	FILE *out;
	uint64_t hash;
};

static void listen(void *context, const struct wire_event *event)
{
	struct told *told = context;
	const uint64_t hidden[] = {event->parameters, event->digest, event->source, event->backend, event->text.hash,
		event->name.hash, event->text.nbytes, event->text.length};

	show(told->out, event);
	told->hash = hash_bytes(told->hash, hidden, sizeof hidden);
}

static size_t step(uint64_t *seed, uint64_t how, size_t left)
{
	if (how == WIRE_WHOLE)
		return left;
	if (how == WIRE_BYTES)
		return 1;
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	size_t nbytes = 1 + *seed % (*seed >> 32 & 1 ? 7 : 900);
	return nbytes < left ? nbytes : left;
}

/* Each piece of its own memory, so that a sanitizer sees reading past its end. */
static void feed(struct wire *wire, char from, const uint8_t *bytes, size_t nbytes, struct wire_visitor visitor)
{
	uint8_t *copy = malloc(nbytes);

	memcpy(copy, bytes, nbytes);
	if (from == 'C')
		wire_sent(wire, copy, nbytes, visitor);
	else
		wire_received(wire, copy, nbytes, visitor);
	free(copy);
}

char *wire_script_play(const struct wire_script *script, enum wire_protocol protocol, uint64_t how, struct wire *wire)
{
	uint64_t seed = how;
	char *text;
	size_t length;
	struct told told = {.out = open_memstream(&text, &length), .hash = HASH_START};

	wire_open(wire, protocol);
	for (size_t i = 0; i < script->npieces; i++) {
		const struct wire_piece *piece = &script->pieces[i];
		for (size_t at = 0; at < piece->nbytes;) {
			size_t nbytes = step(&seed, how, piece->nbytes - at);
			feed(wire, piece->from, piece->bytes + at, nbytes, (struct wire_visitor){listen, &told});
			at += nbytes;
		}
	}
	fprintf(told.out, "# %016llx\n", (unsigned long long)told.hash);
	fclose(told.out);
	return text;
}

static char *play_all_ways(const struct wire_script *script, enum wire_protocol protocol)
{
	struct wire whole, wire;
	char *told = wire_script_play(script, protocol, WIRE_WHOLE, &whole);

	for (uint64_t how = 1; how < WAYS; how++) {
		char *again = wire_script_play(script, protocol, how, &wire);
		assert_string_equal(again, told);
		assert_int_equal(wire_is_waiting(&wire), wire_is_waiting(&whole));
		assert_int_equal(wire_is_sending(&wire), wire_is_sending(&whole));
		free(again);
	}
	*strrchr(told, '#') = '\0';
	return told;
}

void wire_script_expect(const struct wire_script *script, enum wire_protocol protocol, const char *expected)
{
	char *told = play_all_ways(script, protocol);

	assert_string_equal(told, expected);
	free(told);
}

static char *read_all(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	if (file) {
		text[fread(text, 1, (1 << 20) - 1, file)] = '\0';
		fclose(file);
	}
	return text;
}

void wire_script_expect_file(const char *name, enum wire_protocol protocol)
{
	char path[256];

	snprintf(path, sizeof path, "tests/corpus/wire/%s.hex", name);
	struct wire_script *script = wire_script_read(path);
	assert_non_null(script);
	assert_true(script->npieces > 0);
	snprintf(path, sizeof path, "tests/corpus/wire/%s.events", name);
	char *expected = read_all(path);
	wire_script_expect(script, protocol, expected);
	free(expected);
	wire_script_close(script);
}

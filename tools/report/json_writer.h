/*
 * Writing JSON (RFC 8259) as a stream: nothing is kept in memory, errors are the stream's. Two blanks of indentation
 * a level. Texts that are no UTF-8 are written with U+FFFD in place of the broken bytes.
 */
#ifndef RACE_TOOLS_JSON_WRITER_H
#define RACE_TOOLS_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json_writer {
	FILE *out;
	unsigned int depth;
	bool filled; /* the innermost open object or array has a member */
};

void json_writer_init(struct json_writer *writer, FILE *out);

/* `name` is a member's name within an object, NULL within an array and at the top. */
void json_writer_begin_object(struct json_writer *writer, const char *name);
void json_writer_end_object(struct json_writer *writer);
void json_writer_begin_array(struct json_writer *writer, const char *name);
void json_writer_end_array(struct json_writer *writer);

void json_writer_text(struct json_writer *writer, const char *name, const char *text); /* NULL: null */
void json_writer_count(struct json_writer *writer, const char *name, uint64_t count);
void json_writer_number(struct json_writer *writer, const char *name, double number);   /* not finite: null */
void json_writer_flag(struct json_writer *writer, const char *name, bool flag);
void json_writer_null(struct json_writer *writer, const char *name);

#endif

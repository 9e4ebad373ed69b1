#include "json_writer.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

void json_writer_init(struct json_writer *writer, FILE *out)
{
	*writer = (struct json_writer){.out = out};
}

/* Bytes of the UTF-8 character at `text`; 0: it is none. */
static size_t character(const unsigned char *text)
{
	size_t length, index;

	if (text[0] < 0x80)
		return 1;
	length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : text[0] >= 0xc2 ? 2 : 0;
	if (!length || text[0] > 0xf4)
		return 0;
	for (index = 1; index < length; index++)
		if ((text[index] & 0xc0) != 0x80)
			return 0;
	if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] >= 0xa0) ||
		(text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] >= 0x90))
		return 0;
	return length;
}

static void escape(FILE *out, unsigned char byte)
{
	static const char letters[] = "btnvfr";

	if (byte == '"' || byte == '\\')
		fprintf(out, "\\%c", byte);
	else if (byte >= '\b' && byte <= '\r' && byte != '\v')
		fprintf(out, "\\%c", letters[byte - '\b']);
	else
		fprintf(out, "\\u%04x", byte);
}

static void quote(FILE *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t length;

	putc('"', out);
	while (*at) {
		length = character(at);
		if (!length)
			fputs("\xef\xbf\xbd", out);
		else if (length == 1 && (*at < 0x20 || *at == '"' || *at == '\\' || *at == 0x7f))
			escape(out, *at);
		else
			fwrite(at, 1, length, out);
		at += length ? length : 1;
	}
	putc('"', out);
}

/* What stands before a value: comma, line, indentation, name. */
static void lead(struct json_writer *writer, const char *name)
{
	if (writer->depth)
		fprintf(writer->out, "%s\n%*s", writer->filled ? "," : "", (int)(2 * writer->depth), "");
	writer->filled = true;
	if (!name)
		return;
	quote(writer->out, name);
	fputs(": ", writer->out);
}

static void begin(struct json_writer *writer, const char *name, char bracket)
{
	lead(writer, name);
	putc(bracket, writer->out);
	writer->depth++;
	writer->filled = false;
}

static void end(struct json_writer *writer, char bracket)
{
	writer->depth--;
	if (writer->filled)
		fprintf(writer->out, "\n%*s", (int)(2 * writer->depth), "");
	putc(bracket, writer->out);
	writer->filled = true;
	if (!writer->depth)
		putc('\n', writer->out);
}

void json_writer_begin_object(struct json_writer *writer, const char *name)
{
	begin(writer, name, '{');
}

void json_writer_end_object(struct json_writer *writer)
{
	end(writer, '}');
}

void json_writer_begin_array(struct json_writer *writer, const char *name)
{
	begin(writer, name, '[');
}

void json_writer_end_array(struct json_writer *writer)
{
	end(writer, ']');
}

void json_writer_text(struct json_writer *writer, const char *name, const char *text)
{
	if (!text) {
		json_writer_null(writer, name);
		return;
	}
	lead(writer, name);
	quote(writer->out, text);
}

void json_writer_count(struct json_writer *writer, const char *name, uint64_t count)
{
	lead(writer, name);
	fprintf(writer->out, "%" PRIu64, count);
}

void json_writer_number(struct json_writer *writer, const char *name, double number)
{
	if (!isfinite(number)) {
		json_writer_null(writer, name);
		return;
	}
	lead(writer, name);
	/* LC_NUMERIC is never set, so the point is a point */
	fprintf(writer->out, "%.6g", number);
}

void json_writer_flag(struct json_writer *writer, const char *name, bool flag)
{
	lead(writer, name);
	fputs(flag ? "true" : "false", writer->out);
}

void json_writer_null(struct json_writer *writer, const char *name)
{
	lead(writer, name);
	fputs("null", writer->out);
}

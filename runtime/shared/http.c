#include "http.h"

#include <string.h>

#include "decimal.h"
#include "hash.h"

enum { WORD_NONE, WORD_PLAIN, WORD_DIGITS, STATUS_SMALLEST = 100, STATUS_LARGEST = 999 };

void http_init(struct http *http, bool reply)
{
	memset(http, 0, sizeof(*http));
	http->reply = reply;
}

static void begin(struct http *http)
{
	bool head = http->head;
	http_init(http, http->reply);
	http->head = head;
	http->phase = HTTP_LINE;
	http->digest = HASH_START;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Also what dates, ids and codes are made of beside letters and digits. */
static bool is_word(uint8_t c)
{
	return is_digit(c) || (lower((char)c) >= 'a' && lower((char)c) <= 'z') || (c != 0 && strchr("_.:+-=/%", c) != NULL) ||
		c >= 0x80;
}

static void end_word(struct http *http)
{
	static const uint64_t digits = 0x23; /* stands for them all */
	const uint64_t *word = http->word == WORD_DIGITS ? &digits : &http->word_hash;

	if (http->word != WORD_NONE)
		http->digest = hash_bytes(http->digest, word, sizeof(*word));
	http->word = WORD_NONE;
}

static void digest(struct http *http, const uint8_t *bytes, uint32_t nbytes)
{
	for (uint32_t i = 0; i < nbytes; i++) {
		if (!is_word(bytes[i])) {
			end_word(http);
			http->digest = hash_bytes(http->digest, bytes + i, 1);
			continue;
		}
		if (http->word == WORD_NONE) {
			http->word = WORD_PLAIN;
			http->word_hash = HASH_START;
		}
		if (is_digit(bytes[i]))
			http->word = WORD_DIGITS;
		http->word_hash = hash_bytes(http->word_hash, bytes + i, 1);
	}
}

static void end_message(struct http *http, uint32_t *events)
{
	end_word(http);
	http->phase = HTTP_START;
	*events |= HTTP_DONE;
}

static const char *after_word(const char *text)
{
	while (*text && *text != ' ')
		text++;
	return *text ? text + 1 : text;
}

/* "METHOD /path?query HTTP/1.1": a path, a URL or (of OPTIONS) an asterisk. */
static bool read_request_line(struct http *http)
{
	const char *target = after_word(http->line), *version = after_word(target);
	size_t nmethod = (size_t)(target - http->line), npath = 0;
	bool cut = http->nline >= HTTP_LINE_BYTES;

	while (target[npath] && !strchr("?# ", target[npath]))
		npath++;
	for (size_t i = 0; i + 1 < nmethod; i++)
		if (http->line[i] < 'A' || http->line[i] > 'Z')
			return false;
	if (nmethod < 2 || npath == 0 || (*target != '/' && *target != '*' && !strstr(target, "://")))
		return false;
	if (!cut && strncmp(version, "HTTP/1.", 7) != 0)
		return false;
	size_t nname = nmethod + npath < HTTP_NAME_BYTES ? nmethod + npath : HTTP_NAME_BYTES - 1;
	memcpy(http->name, http->line, nname);
	http->name[nname] = '\0';
	return true;
}

/* "HTTP/1.1 200 OK" */
static bool read_status_line(struct http *http)
{
	const char *status = after_word(http->line);
	uint64_t number;

	if (strncmp(http->line, "HTTP/1.", 7) != 0)
		return false;
	decimal_read(status, NULL, &number);
	http->status = (uint16_t)number;
	return number >= STATUS_SMALLEST && number <= STATUS_LARGEST;
}

/* The value of the current header line when it has this name (lower case); NULL: it has not. */
static const char *header_value(const struct http *http, const char *name)
{
	const char *at = http->line;

	for (; *name; name++, at++)
		if (lower(*at) != *name)
			return NULL;
	if (*at++ != ':')
		return NULL;
	while (*at == ' ' || *at == '\t')
		at++;
	return at;
}

static void read_length(struct http *http, const char *value)
{
	decimal_read(value, NULL, &http->left);
	http->has_length = 1;
}

static void read_header(struct http *http)
{
	const char *value = header_value(http, "content-length");

	if (value)
		read_length(http, value);
	value = header_value(http, "transfer-encoding");
	if (value)
		for (; *value; value++)
			http->chunked |= strncmp(value, "chunked", 7) == 0;
	value = header_value(http, "traceparent");
	if (value) {
		size_t length = strnlen(value, HTTP_CONTEXT_BYTES - 1);
		memcpy(http->context, value, length);
		http->context[length] = '\0';
	}
}

static bool is_bodiless(const struct http *http)
{
	return http->head || http->status == 204 || http->status == 304;
}

/* The header is whole. */
static void begin_body(struct http *http, uint32_t *events)
{
	if (http->reply && http->status < 200) {
		begin(http); /* an interim reply: the real one follows */
		http->phase = HTTP_LINE;
	} else if (http->reply && is_bodiless(http)) {
		end_message(http, events);
	} else if (http->chunked) {
		http->phase = HTTP_CHUNK_LINE;
	} else if (http->has_length || !http->reply) {
		http->phase = HTTP_BODY;
		if (http->left == 0)
			end_message(http, events);
	} else {
		http->phase = HTTP_REST;
	}
}

static void begin_chunk(struct http *http)
{
	uint64_t length = 0;

	for (const char *at = http->line; *at && length < UINT64_MAX / 32; at++) {
		if (is_digit((uint8_t)*at))
			length = length * 16 + (uint64_t)(*at - '0');
		else if (lower(*at) >= 'a' && lower(*at) <= 'f')
			length = length * 16 + (uint64_t)(lower(*at) - 'a' + 10);
		else
			break;
	}
	http->left = length;
	http->phase = length ? HTTP_CHUNK : HTTP_TRAILER;
}

/* The current line is whole, its end left out. */
static void end_line(struct http *http, uint32_t *events)
{
	bool empty = http->nline == 0;

	switch (http->phase) {
	case HTTP_LINE:
		if (empty)
			break; /* RFC 9112, 2.2: before a message */
		if (!(http->reply ? read_status_line(http) : read_request_line(http))) {
			http->phase = HTTP_LOST;
			break;
		}
		http->phase = HTTP_HEADER;
		if (!http->reply || http->status >= 200)
			*events |= HTTP_NAMED;
		break;
	case HTTP_HEADER:
		if (empty)
			begin_body(http, events);
		else
			read_header(http);
		break;
	case HTTP_CHUNK_LINE:
		begin_chunk(http);
		break;
	case HTTP_CHUNK_END:
		http->phase = HTTP_CHUNK_LINE;
		break;
	default:
		if (empty)
			end_message(http, events);
		break;
	}
	http->nline = 0;
}

static void take_byte(struct http *http, uint8_t byte, uint32_t *events)
{
	if (byte != '\n') {
		if (http->nline < HTTP_LINE_BYTES - 1)
			http->line[http->nline] = (char)byte;
		if (http->nline < UINT16_MAX)
			http->nline++;
		return;
	}
	uint32_t kept = http->nline < HTTP_LINE_BYTES - 1 ? http->nline : HTTP_LINE_BYTES - 1;
	if (kept > 0 && kept == http->nline && http->line[kept - 1] == '\r')
		http->nline = (uint16_t)--kept;
	http->line[kept] = '\0';
	end_line(http, events);
}

static uint32_t take_body(struct http *http, const uint8_t *bytes, uint32_t nbytes, uint32_t *events)
{
	uint32_t n = http->phase != HTTP_REST && http->left < nbytes ? (uint32_t)http->left : nbytes;

	digest(http, bytes, n);
	if (http->phase == HTTP_REST)
		return n;
	http->left -= n;
	if (http->left == 0 && http->phase == HTTP_BODY)
		end_message(http, events);
	else if (http->left == 0)
		http->phase = HTTP_CHUNK_END;
	return n;
}

/* What can't be the first byte of a message loses the stream at once; of a line, when it is whole. */
static bool may_begin(const struct http *http, uint8_t byte)
{
	return http->reply ? byte == 'H' : byte >= 'A' && byte <= 'Z';
}

uint32_t http_take(struct http *http, const uint8_t *bytes, uint32_t nbytes, uint32_t *events)
{
	uint32_t taken = 0;

	*events = 0;
	while (taken < nbytes && !(*events & HTTP_DONE)) {
		switch (http->phase) {
		case HTTP_LOST:
			return nbytes;
		case HTTP_START:
			if (bytes[taken] == '\r' || bytes[taken] == '\n') {
				taken++;
				break;
			}
			begin(http);
			if (!may_begin(http, bytes[taken]))
				http->phase = HTTP_LOST;
			break;
		case HTTP_BODY:
		case HTTP_CHUNK:
		case HTTP_REST:
			taken += take_body(http, bytes + taken, nbytes - taken, events);
			break;
		default:
			take_byte(http, bytes[taken++], events);
			break;
		}
	}
	return taken;
}

bool http_close(struct http *http)
{
	bool whole = http->phase == HTTP_REST;

	if (whole)
		end_word(http);
	http->phase = whole ? HTTP_START : HTTP_LOST;
	return whole;
}

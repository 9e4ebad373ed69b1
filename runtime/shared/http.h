/*
 * One direction of an HTTP/1 connection (RFC 9112), as far as it must be known where messages begin and end: request
 * line or status, content-length, chunks, and a digest of the body. Bounded: what is longer than there is room for is
 * cut, and bytes that are no HTTP lose the stream for good.
 *
 * The digest leaves out what differs from one run to the next: each word with a digit in it (numbers, dates, ids)
 * counts as the same word.
 */
#ifndef RACE_SHARED_HTTP_H
#define RACE_SHARED_HTTP_H

#include <stdbool.h>
#include <stdint.h>

enum { HTTP_LINE_BYTES = 128, HTTP_NAME_BYTES = 48, HTTP_CONTEXT_BYTES = 56 };

enum http_phase {
	HTTP_START,      /* between messages: the next byte begins one */
	HTTP_LINE,       /* in the first line */
	HTTP_HEADER,     /* in a line of the header */
	HTTP_BODY,       /* `left` bytes of it to come */
	HTTP_CHUNK_LINE, /* in the line before a chunk */
	HTTP_CHUNK,      /* `left` bytes of it to come */
	HTTP_CHUNK_END,  /* the line end behind it */
	HTTP_TRAILER,
	HTTP_REST,       /* a reply that ends with the connection */
	HTTP_LOST,
};

enum http_event {
	HTTP_NAMED = 1, /* the first line is whole: `name` of a request, `status` of a reply */
	HTTP_DONE = 2,  /* the message is whole */
};

struct http {
	uint8_t reply;   /* decodes replies */
	uint8_t phase;   /* enum http_phase */
	uint8_t head;    /* of replies, set by the user: to a HEAD request, so that no body follows */
	uint8_t chunked;
	uint16_t status; /* of a reply; those of 1xx are passed over */
	uint16_t nline;  /* bytes of the current line so far, also those cut */
	uint16_t has_length;
	uint16_t word;   /* of the digest: 1 in a word, 2 one with a digit */
	uint64_t left;
	uint64_t digest; /* of the body so far */
	uint64_t word_hash;
	char line[HTTP_LINE_BYTES];
	char name[HTTP_NAME_BYTES];       /* "POST /webhook": method and path, cut at the query */
	char context[HTTP_CONTEXT_BYTES]; /* traceparent, where there is one */
};

void http_init(struct http *http, bool reply);

/*
 * Takes bytes up to the end of a message at most. Returns how many were taken: fewer than there are when a message has
 * ended; *events is a bit set of enum http_event. A whole message leaves the stream at HTTP_START with its name, status,
 * digest and context still there, until the next one begins. A lost stream takes everything.
 */
uint32_t http_take(struct http *http, const uint8_t *bytes, uint32_t nbytes, uint32_t *events);

/* The connection was closed: true when that ends a message that has no other end. */
bool http_close(struct http *http);

#endif

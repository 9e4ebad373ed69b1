#include "wire_stream.h"

#include <string.h>

#include "../hash.h"

static size_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

size_t wire_stream_head(struct wire_stream *stream, size_t nhead, const uint8_t *bytes, size_t nbytes)
{
	size_t taken = least(nhead - stream->nhead, nbytes);

	memcpy(stream->head + stream->nhead, bytes, taken);
	stream->nhead += (uint8_t)taken;
	return taken;
}

void wire_stream_begin(struct wire_stream *stream, uint64_t length)
{
	stream->nkept = 0;
	stream->nbody = 0;
	stream->left = length;
	stream->rest = WIRE_REST_UNKNOWN;
	stream->rest_length = 0;
	stream->hash = HASH_START;
}

static void hash_rest(struct wire_stream *stream, const uint8_t *bytes, size_t nbytes)
{
	const uint8_t *end = stream->rest == WIRE_REST_TO_NUL ? memchr(bytes, 0, nbytes) : NULL;

	if (stream->rest != WIRE_REST_TO_NUL && stream->rest != WIRE_REST_ALL)
		return;
	if (end)
		nbytes = (size_t)(end - bytes);
	stream->hash = hash_bytes(stream->hash, bytes, nbytes);
	stream->rest_length += nbytes;
	if (end)
		stream->rest = WIRE_REST_OVER;
}

size_t wire_stream_body(
	struct wire_stream *stream, uint8_t *kept, uint32_t capacity, const uint8_t *bytes, size_t nbytes)
{
	size_t taken = least(stream->left, nbytes);

	if (stream->nkept < capacity) {
		taken = least(taken, capacity - stream->nkept);
		memcpy(kept + stream->nkept, bytes, taken);
		stream->nkept += (uint32_t)taken;
	} else {
		hash_rest(stream, bytes, taken);
	}
	stream->left -= taken;
	stream->nbody += taken;
	return taken;
}

size_t wire_stream_row(struct wire_stream *stream, uint64_t *digest, const uint8_t *bytes, size_t nbytes)
{
	size_t taken = least(stream->left, nbytes);

	*digest = hash_bytes(*digest ? *digest : HASH_START, bytes, taken);
	stream->left -= taken;
	stream->nbody += taken;
	return taken;
}

bool wire_stream_is_whole(const struct wire_stream *stream)
{
	return stream->nbody == stream->nkept;
}

void wire_stream_cut(struct wire_stream *stream, const uint8_t *kept, uint32_t start, enum wire_rest rest)
{
	bool ends = rest == WIRE_REST_TO_NUL && memchr(kept + start, 0, stream->nkept - start);

	stream->rest = (uint8_t)(ends ? WIRE_REST_OVER : rest);
	stream->hash = hash_bytes(HASH_START, kept + start, stream->nkept - start);
}

struct wire_text wire_stream_text(
	const struct wire_stream *stream, const uint8_t *kept, uint32_t start, enum wire_rest rest)
{
	const uint8_t *text = kept + start;
	uint32_t nbytes = stream->nkept - start;
	const uint8_t *end = rest == WIRE_REST_TO_NUL ? memchr(text, 0, nbytes) : NULL;

	if (end || wire_stream_is_whole(stream))
		return wire_text_of(text, end ? (size_t)(end - text) : nbytes);
	return (struct wire_text){
		.bytes = (const char *)text,
		.nbytes = nbytes,
		.length = nbytes + stream->rest_length,
		.hash = stream->hash,
	};
}

/*
 * Messages of one direction, put together from pieces: a head of fixed length, then a body of known length, of which
 * the beginning is kept and the rest hashed.
 */
#ifndef RACE_SHARED_WIRE_STREAM_H
#define RACE_SHARED_WIRE_STREAM_H

#include "wire_decoder.h"

/* Takes bytes for a head of that length; how many. It is complete when stream->nhead == nhead. */
size_t wire_stream_head(struct wire_stream *stream, size_t nhead, const uint8_t *bytes, size_t nbytes);

/* A body begins. */
void wire_stream_begin(struct wire_stream *stream, uint64_t length);

/* Takes bytes of the body, no more than fit what is kept, or else only such that don't; how many. */
size_t wire_stream_body(
	struct wire_stream *stream, uint8_t *kept, uint32_t capacity, const uint8_t *bytes, size_t nbytes);

/* Takes bytes of a row's body, which is not kept: they are added to a hash, 0 before the first: its own, or its result's. */
size_t wire_stream_row(struct wire_stream *stream, uint64_t *digest, const uint8_t *bytes, size_t nbytes);

/* What is kept is all there was. */
bool wire_stream_is_whole(const struct wire_stream *stream);

/* The body goes on behind what is kept: the text in it begins at `start`, and goes to its NUL, or to the end. */
void wire_stream_cut(struct wire_stream *stream, const uint8_t *kept, uint32_t start, enum wire_rest rest);

/* The text from `start`, to its NUL when it ends so, or to the end. */
struct wire_text wire_stream_text(
	const struct wire_stream *stream, const uint8_t *kept, uint32_t start, enum wire_rest rest);

#endif

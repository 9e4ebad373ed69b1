/*
 * FNV-1a over bytes and texts, for keys of tables: small, needs nothing, good enough for hundreds of entries.
 * See http://www.isthe.com/chongo/tech/comp/fnv/
 */
#ifndef RACE_SHARED_HASH_H
#define RACE_SHARED_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START 0xcbf29ce484222325ULL

static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t nbytes)
{
	const unsigned char *at = (const unsigned char *)bytes;

	for (size_t i = 0; i < nbytes; i++)
		hash = (hash ^ at[i]) * 0x100000001b3ULL;
	return hash;
}

static inline uint64_t hash_text(const char *text)
{
	uint64_t hash = HASH_START;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	return hash;
}

#endif

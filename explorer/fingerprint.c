#include "fingerprint.h"

#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

static uint64_t hash_text(const char *text, uint64_t seed)
{
	return text ? XXH64(text, strlen(text), seed) : seed;
}

/* Without what optimizers append to the names of their copies of a function ("fulfill.constprop.0"). */
static uint64_t hash_function(const char *function, uint64_t seed)
{
	static const char *const suffixes[] = {".constprop", ".isra", ".part", ".cold", ".lto_priv", ".llvm"};

	if (!function)
		return seed;
	size_t length = strlen(function);
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		const char *suffix = strstr(function, suffixes[i]);
		if (suffix && (size_t)(suffix - function) < length)
			length = (size_t)(suffix - function);
	}
	return XXH64(function, length, seed);
}

static uint64_t hash_place(const struct finding_place *place, const struct symbols *symbols)
{
	struct symbol symbol = {0};

	if (place->npcs > 0)
		symbols_code(symbols, place->image_process, place->pcs[0], &symbol);
	return hash_function(symbol.function, hash_text(symbol.module, 1));
}

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/* Equal places count once: how many tasks of a kind took part says nothing. */
static uint64_t hash_places(const struct finding *finding, const struct symbols *symbols, uint64_t seed)
{
	uint64_t *hashes = calloc(finding->nplaces + 1ul, sizeof *hashes);
	uint64_t hash = seed;

	if (!hashes)
		return seed;
	for (uint32_t i = 0; i < finding->nplaces; i++)
		hashes[i] = hash_place(&finding->places[i], symbols);
	qsort(hashes, finding->nplaces, sizeof *hashes, compare);
	for (uint32_t i = 0; i < finding->nplaces; i++)
		if (i == 0 || hashes[i] != hashes[i - 1])
			hash = XXH64(&hashes[i], sizeof hashes[i], hash);
	free(hashes);
	return hash;
}

uint64_t fingerprint_of(const struct finding *finding, const struct symbols *symbols)
{
	uint64_t hash = hash_text(finding->subject, hash_text(finding->class, hash_text(finding->kind, 0)));

	hash = hash_places(finding, symbols, hash) & 0xffffffff;
	return hash ? hash : 1;
}

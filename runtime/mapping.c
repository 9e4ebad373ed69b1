#include "mapping.h"

#include <stddef.h>

#include "maps.h"

enum { PAGES = 64, PAGE_BYTES = 4096 };

/* Pages that were looked up; a key of 0 with a page is private memory. */
static struct {
	uint64_t page, key;
} pages[PAGES];

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

static uint64_t page_key(uint64_t page)
{
	struct maps maps;
	struct maps_line line = {0};
	uint64_t key = 0;

	if (!maps_open(&maps))
		return 0;
	while (maps_next(&maps, &line) && page >= line.end)
		;
	if (page >= line.begin && page < line.end && line.shared)
		key = mix(mix(mix(1, line.device), line.inode), line.offset + (page - line.begin)) | 1;
	maps_close(&maps);
	return key;
}

uint64_t mapping_key(const volatile void *address)
{
	uint64_t at = (uint64_t)(uintptr_t)address, page = at & ~(uint64_t)(PAGE_BYTES - 1);
	uint64_t row = page / PAGE_BYTES % PAGES;

	if (pages[row].page != page) {
		pages[row].key = page_key(page);
		pages[row].page = page;
	}
	return pages[row].key ? mix(pages[row].key, at % PAGE_BYTES) | 1 : 0;
}

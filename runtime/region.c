#include "region.h"

#include <cpuid.h>

#include <string.h>
#include <sys/mman.h>

#include "maps.h"
#include "sys.h"

enum {
	PAGE_BYTES = REGION_PAGE_BYTES,
	MOST_REGIONS = 1024,
	MOST_HOT = 32768,           /* pages: 128 MB */
	MOST_HIDDEN = 64,
	MOST_PAGES = 16 * 1024 * 1024,
	STACK_AHEAD = 256 * 1024,   /* the first thread's stack is grown by that much beforehand */
};

struct region {
	uint64_t begin, end;
	uint64_t first_page; /* counted over all regions */
	int protection;
};

static struct store {
	uint32_t nregions, nhot, nhidden;
	bool has_erms; /* "enhanced rep movsb": microcode copies faster than loops do */
	struct region regions[MOST_REGIONS];
	struct piece {
		uint64_t begin, end;
		int protection; /* of its region */
	} hidden[MOST_HIDDEN];
	uint64_t hot[MOST_HOT];
	uint64_t is_hot[MOST_PAGES / 64];
	char copies[MOST_HOT][PAGE_BYTES] __attribute__((aligned(4096)));
} *store;

static bool find_erms(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 9);
}

/* The kernel makes room below a stack as it is used, but not once the lowest page has been protected. */
static void grow_stack(void)
{
	volatile char *at = __builtin_frame_address(0);

	for (int i = 0; i < STACK_AHEAD; i += PAGE_BYTES)
		at[-i] = at[-i];
}

static bool add(const struct maps_line *line, uint64_t *npages)
{
	if (store->nregions == MOST_REGIONS)
		return false;
	store->regions[store->nregions++] = (struct region){
		.begin = line->begin, .end = line->end, .first_page = *npages,
		.protection = PROT_READ | PROT_WRITE | (line->executable ? PROT_EXEC : 0),
	};
	*npages += (line->end - line->begin) / PAGE_BYTES;
	return *npages <= MOST_PAGES;
}

bool region_open(void)
{
	struct maps maps;
	struct maps_line line;
	uint64_t npages = 0;
	bool fits = true;

	grow_stack();
	store = sys_map(NULL, sizeof *store, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (!store || !maps_open(&maps))
		return false;
	store->has_erms = find_erms();
	while (fits && maps_next(&maps, &line))
		if (line.writable && !line.shared)
			fits = add(&line, &npages);
	maps_close(&maps);
	return fits;
}

static bool protect(uint64_t begin, uint64_t end, int protection)
{
	return sys_call3(SYS_mprotect, (long)begin, (long)(end - begin), protection) == 0;
}

bool region_protect(void)
{
	for (uint32_t i = 0; i < store->nregions; i++) {
		const struct region *region = &store->regions[i];
		if (protect(region->begin, region->end, region->protection & ~PROT_WRITE))
			continue;
		region_release();
		return false;
	}
	return true;
}

void region_release(void)
{
	for (uint32_t i = 0; i < store->nregions; i++)
		protect(store->regions[i].begin, store->regions[i].end, store->regions[i].protection);
	for (uint32_t i = 0; i < store->nhidden; i++)
		sys_call3(SYS_munmap, (long)store->hidden[i].begin, (long)(store->hidden[i].end - store->hidden[i].begin), 0);
}

/* The first region that ends behind the address; NULL: none. */
static const struct region *find(uint64_t address)
{
	uint32_t low = 0, high = store->nregions;

	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (store->regions[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < store->nregions ? &store->regions[low] : NULL;
}

typedef long long piece __attribute__((vector_size(16)));

/* Looks at no variable of the process but the store, which is never put back. */
static inline void copy_page(void *to, const void *from)
{
	long nbytes = PAGE_BYTES;

	if (store->has_erms) {
		__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(nbytes) : : "memory");
		return;
	}
	piece *target = to;
	for (const piece *source = from, *end = source + PAGE_BYTES / sizeof *source; source < end; source += 4, target += 4) {
		piece first = source[0], second = source[1], third = source[2], fourth = source[3];
		target[0] = first, target[1] = second, target[2] = third, target[3] = fourth;
	}
}

static bool heat(const struct region *region, uint64_t page)
{
	uint64_t number = region->first_page + (page - region->begin) / PAGE_BYTES;
	uint64_t bit = 1ULL << number % 64;

	if (store->is_hot[number / 64] & bit)
		return true;
	if (store->nhot == MOST_HOT)
		return false;
	copy_page(store->copies[store->nhot], (const void *)(uintptr_t)page);
	if (!protect(page, page + PAGE_BYTES, region->protection))
		return false;
	store->hot[store->nhot++] = page;
	store->is_hot[number / 64] |= bit;
	return true;
}

static bool is_hot(uint64_t address)
{
	const struct region *region = find(address);
	uint64_t number;

	if (!region || address < region->begin)
		return false;
	number = region->first_page + (address - region->begin) / PAGE_BYTES;
	return store->is_hot[number / 64] >> number % 64 & 1;
}

static bool is_hidden(uint64_t address)
{
	for (uint32_t i = 0; i < store->nhidden; i++)
		if (address >= store->hidden[i].begin && address < store->hidden[i].end)
			return true;
	return false;
}

bool region_fault(uint64_t address)
{
	const struct region *region = find(address);

	if (!region || address < region->begin || is_hot(address) || is_hidden(address))
		return false;
	return heat(region, address & ~(uint64_t)(PAGE_BYTES - 1));
}

bool region_touch(uint64_t address, uint64_t nbytes)
{
	uint64_t end = address + nbytes;
	uint64_t page = address & ~(uint64_t)(PAGE_BYTES - 1);

	while (end > address && page < end) {
		const struct region *region = find(page);
		if (!region || region->begin >= end)
			return true;
		if (page < region->begin)
			page = region->begin;
		for (; page < end && page < region->end; page += PAGE_BYTES)
			if (!heat(region, page))
				return false;
	}
	return true;
}

bool region_hide(uint64_t address, uint64_t nbytes)
{
	const struct region *region = find(address);
	uint64_t end = (address + nbytes + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);

	if (!region || address < region->begin || end > region->end || store->nhidden == MOST_HIDDEN ||
		address % PAGE_BYTES != 0 || !protect(address, end, PROT_NONE))
		return false;
	store->hidden[store->nhidden++] = (struct piece){address, end, region->protection};
	return true;
}

static void show_hidden(void)
{
	for (uint32_t i = 0; i < store->nhidden; i++)
		protect(store->hidden[i].begin, store->hidden[i].end, store->hidden[i].protection & ~PROT_WRITE);
	for (uint32_t i = 0; store->nhidden > 0 && i < store->nhot; i++)
		for (uint32_t k = 0; k < store->nhidden; k++)
			if (store->hot[i] >= store->hidden[k].begin && store->hot[i] < store->hidden[k].end)
				protect(store->hot[i], store->hot[i] + PAGE_BYTES, store->hidden[k].protection);
	store->nhidden = 0;
}

void region_restore(void)
{
	show_hidden();
	for (uint32_t i = 0; i < store->nhot; i++)
		copy_page((void *)(uintptr_t)store->hot[i], store->copies[i]);
}

uint32_t region_keep(char (*copies)[PAGE_BYTES], uint32_t most)
{
	if (store->nhot > most || store->nhidden > 0)
		return 0;
	for (uint32_t i = 0; i < store->nhot; i++)
		copy_page(copies[i], (const void *)(uintptr_t)store->hot[i]);
	return store->nhot;
}

/* Pages that were first written later are what they were before anybody wrote them. */
void region_restore_kept(const char (*copies)[PAGE_BYTES], uint32_t ncopies)
{
	show_hidden();
	for (uint32_t i = 0; i < store->nhot; i++)
		copy_page((void *)(uintptr_t)store->hot[i], i < ncopies ? copies[i] : store->copies[i]);
}

void region_adopt(uint64_t address)
{
	uint64_t offset = address % PAGE_BYTES;

	for (uint32_t i = 0; i < store->nhot; i++)
		if (store->hot[i] == address - offset)
			*(uint64_t *)(uintptr_t)(store->copies[i] + offset) = *(const uint64_t *)(uintptr_t)address;
}

uint32_t region_pages(void)
{
	return store->nhot;
}

#include "warm.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "control.h"
#include "maps.h"
#include "shared/warm.h"
#include "sys.h"

enum {
	PAGE_BYTES = 4096,
	WORD_PAGES = 64,
	/* The first child also binds what later ones find bound, so it is none to learn from. */
	FIRST_LEARNER = 1,
	LEARNERS = 2,
	/* More would come near the number of mappings that a process may have (vm.max_map_count). */
	MOST_PARTED = 16384,
};

/* /proc/PID/pagemap, a word for each page (Documentation/admin-guide/mm/pagemap.rst). */
static const uint64_t present = 1ULL << 63, swapped = 1ULL << 62, from_file = 1ULL << 61;

static uint64_t npages_of(const struct warm_mapping *mapping)
{
	return (mapping->end - mapping->begin) / PAGE_BYTES;
}

/* The words of at most WORD_PAGES pages from the nth on; how many, 0: they can't be read. */
static uint64_t read_words(int pages, const struct warm_mapping *mapping, uint64_t nth, uint64_t *words)
{
	uint64_t n = npages_of(mapping) - nth;

	if (n > WORD_PAGES)
		n = WORD_PAGES;
	long wanted = (long)(n * sizeof *words);
	return sys_call(SYS_pread64, pages, (long)words, wanted, (long)((mapping->begin / PAGE_BYTES + nth) * 8), 0, 0) == wanted
		? n : 0;
}

/* Has it no page that differs from the file's? Such pages can't be had again. */
static bool is_clean(int pages, const struct warm_mapping *mapping)
{
	uint64_t words[WORD_PAGES], n;

	for (uint64_t nth = 0; nth < npages_of(mapping); nth += n) {
		n = read_words(pages, mapping, nth, words);
		if (n == 0)
			return false;
		for (uint64_t i = 0; i < n; i++)
			if ((words[i] & swapped) || (words[i] & (present | from_file)) == present)
				return false;
	}
	return true;
}

static void list_mappings(struct warm *warm, int pages)
{
	struct maps maps;
	struct maps_line line;
	uint64_t npages = 0;

	if (!maps_open(&maps))
		return;
	while (maps_next(&maps, &line) && warm->nmappings < WARM_MAPPINGS) {
		struct warm_mapping mapping = {line.begin, line.end};
		if (!line.readable || line.writable || line.shared || line.inode == 0 ||
			npages + npages_of(&mapping) > WARM_PAGES || !is_clean(pages, &mapping))
			continue;
		npages += npages_of(&mapping);
		warm->mappings[warm->nmappings++] = mapping;
	}
	maps_close(&maps);
}

static void advise(uint64_t begin, uint64_t end, int advice)
{
	if (begin < end)
		sys_call3(SYS_madvise, (long)begin, (long)(end - begin), advice);
}

static void part(const struct warm *warm)
{
	uint64_t nparted = 0;

	for (uint32_t i = 0; i < warm->nmappings; i++) {
		const struct warm_mapping *mapping = &warm->mappings[i];
		nparted += npages_of(mapping);
		for (uint64_t page = mapping->begin + PAGE_BYTES; page < mapping->end && nparted <= MOST_PARTED;
			page += 2ul * PAGE_BYTES)
			advise(page, page + PAGE_BYTES, MADV_RANDOM);
		advise(mapping->begin, mapping->end, MADV_DONTNEED);
	}
}

static void begin_to_learn(struct warm *warm)
{
	int pages = (int)sys_open("/proc/self/pagemap", O_RDONLY, 0);

	if (pages < 0)
		return;
	list_mappings(warm, pages);
	sys_close(pages);
	part(warm);
	control->learning = LEARNERS;
}

/* What this process has of the mappings is what it has used since they were emptied. */
static void note_used(struct warm *warm)
{
	uint64_t words[WORD_PAGES], n, first_bit = 0;
	int pages = (int)sys_open("/proc/self/pagemap", O_RDONLY, 0);

	if (pages < 0)
		return;
	for (uint32_t i = 0; i < warm->nmappings; i++) {
		const struct warm_mapping *mapping = &warm->mappings[i];
		for (uint64_t nth = 0; nth < npages_of(mapping); nth += n) {
			n = read_words(pages, mapping, nth, words);
			if (n == 0)
				break;
			for (uint64_t k = 0, bit = first_bit + nth; k < n; k++, bit++)
				warm->used[bit / 64] |= (words[k] & present ? 1ULL : 0) << bit % 64;
		}
		first_bit += npages_of(mapping);
	}
	sys_close(pages);
}

static bool is_used(const struct warm *warm, uint64_t bit)
{
	return warm->used[bit / 64] >> bit % 64 & 1;
}

/* One look brings in the pages around, too. By the kernel: a file that has become shorter is an error, no signal. */
static void look_at(int memory, uint64_t page)
{
	uint8_t byte;

	sys_call(SYS_pread64, memory, (long)&byte, 1, (long)page, 0, 0);
}

/* By way of /proc/self/mem, which writes to a private copy of what is mapped read-only; memory keeps its protection. */
static void rewrite_byte(int memory, uint64_t page)
{
	uint8_t byte = *(const volatile uint8_t *)(uintptr_t)page;

	sys_call(SYS_pwrite64, memory, (long)&byte, 1, (long)page, 0, 0);
}

/* Whole again, with the pages that are used, the first of them its own. */
static void bring_in(const struct warm *warm, int memory, const struct warm_mapping *mapping, uint64_t first_bit)
{
	bool own = false;

	advise(mapping->begin, mapping->end, MADV_NORMAL);
	for (uint64_t nth = 0; nth < npages_of(mapping); nth++) {
		if (!is_used(warm, first_bit + nth))
			continue;
		if (!own)
			rewrite_byte(memory, mapping->begin + nth * PAGE_BYTES);
		else
			look_at(memory, mapping->begin + nth * PAGE_BYTES);
		own = true;
	}
}

static void drop_others(const struct warm *warm, const struct warm_mapping *mapping, uint64_t first_bit)
{
	uint64_t gap = mapping->begin;

	for (uint64_t nth = 0; nth < npages_of(mapping); nth++) {
		uint64_t page = mapping->begin + nth * PAGE_BYTES;
		if (!is_used(warm, first_bit + nth))
			continue;
		advise(gap, page, MADV_DONTNEED);
		gap = page + PAGE_BYTES;
	}
	advise(gap, mapping->end, MADV_DONTNEED);
}

static void settle(struct warm *warm)
{
	int memory = (int)sys_open("/proc/self/mem", O_RDWR, 0);
	uint64_t bit = 0;

	control->learning = 0;
	note_used(warm);
	for (uint32_t i = 0; i < warm->nmappings; i++) {
		const struct warm_mapping *mapping = &warm->mappings[i];
		bring_in(warm, memory, mapping, bit);
		bit += npages_of(mapping);
	}
	bit = 0;
	for (uint32_t i = 0; i < warm->nmappings; i++) {
		drop_others(warm, &warm->mappings[i], bit);
		bit += npages_of(&warm->mappings[i]);
	}
	if (memory >= 0)
		sys_close(memory);
}

void warm_prepare(void)
{
	uint32_t before = control->nchildren++;

	if (before == FIRST_LEARNER)
		begin_to_learn(&control->warm);
	else if (before == FIRST_LEARNER + LEARNERS && control->warm.nmappings > 0)
		settle(&control->warm);
}

void warm_learn(void)
{
	if (control->learning == 0 || control_process != 1)
		return;
	control->learning--;
	note_used(&control->warm);
}

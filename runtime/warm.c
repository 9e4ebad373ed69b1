#include "warm.h"

#include <fcntl.h>

#include "control.h"
#include "maps.h"
#include "sys.h"

enum {
	PAGE_BYTES = 4096,
	WINDOW_BYTES = 65536, /* so much a fault brings in, aligned: fault_around_bytes of the kernel */
	WINDOW_PAGES = WINDOW_BYTES / PAGE_BYTES,
};

/* /proc/PID/pagemap: bit 63 of each page's word says that it is there (Documentation/admin-guide/mm/pagemap.rst). */
static const uint64_t present = 1ULL << 63;

/* By way of /proc/self/mem, which writes to a private copy of what is mapped read-only; memory keeps its protection. */
static void rewrite_byte(int memory, const struct maps_line *line)
{
	uint8_t byte = *(const volatile uint8_t *)(uintptr_t)line->begin;

	sys_call(SYS_pwrite64, memory, (long)&byte, 1, (long)line->begin, 0, 0);
}

static bool is_constant(const struct maps_line *line)
{
	return line->readable && !line->writable && !line->shared && line->inode != 0;
}

/* All code and constants, one mapping after the other. */
static void visit(int fd, void (*look)(int fd, const struct maps_line *line))
{
	struct maps maps;
	struct maps_line line;

	if (!maps_open(&maps))
		return;
	while (maps_next(&maps, &line))
		if (is_constant(&line))
			look(fd, &line);
	maps_close(&maps);
}

void warm_begin(void)
{
	int memory = (int)sys_open("/proc/self/mem", O_WRONLY, 0);

	if (memory < 0)
		return;
	visit(memory, rewrite_byte);
	sys_close(memory);
}

/* The first page that is there, from `begin` to before `end`, which are at most a window apart; 0: none. */
static uint64_t find_present(int pages, uint64_t begin, uint64_t end)
{
	uint64_t words[WINDOW_PAGES];
	uint64_t npages = (end - begin) / PAGE_BYTES;

	if (sys_call(SYS_pread64, pages, (long)words, (long)(npages * 8), (long)(begin / PAGE_BYTES * 8), 0, 0) !=
		(long)(npages * 8))
		return 0;
	for (uint64_t i = 0; i < npages; i++)
		if (words[i] & present)
			return begin + i * PAGE_BYTES;
	return 0;
}

static void learn_mapping(int pages, const struct maps_line *line)
{
	uint64_t end;

	for (uint64_t begin = line->begin; begin < line->end && control->nwarm < CONTROL_WARM; begin = end) {
		end = (begin | (WINDOW_BYTES - 1)) + 1;
		uint64_t page = find_present(pages, begin, end < line->end ? end : line->end);
		if (page)
			control->warm[control->nwarm++] = page;
	}
}

void warm_learn(void)
{
	int pages = control->nwarm == 0 && control_process == 1 ? (int)sys_open("/proc/self/pagemap", O_RDONLY, 0) : -1;

	if (pages < 0)
		return;
	visit(pages, learn_mapping);
	sys_close(pages);
}

/* Reading by the kernel: a file that has become shorter since is an error, no signal. */
void warm_recall(void)
{
	static uint32_t nrecalled;
	uint8_t byte;

	if (nrecalled == control->nwarm)
		return;
	int memory = (int)sys_open("/proc/self/mem", O_RDONLY, 0);
	if (memory < 0)
		return;
	for (; nrecalled < control->nwarm; nrecalled++)
		sys_call(SYS_pread64, memory, (long)&byte, 1, (long)control->warm[nrecalled], 0, 0);
	sys_close(memory);
}

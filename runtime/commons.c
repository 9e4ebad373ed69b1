#include "commons.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "die.h"
#include "maps.h"
#include "sys.h"

enum { MOST_COMMONS = 64 };

static struct common {
	uint64_t begin, end;
	int protection;
} commons[MOST_COMMONS];
static uint32_t ncommons;

static int protection_of(const struct maps_line *line)
{
	return (line->readable ? PROT_READ : 0) | PROT_WRITE | (line->executable ? PROT_EXEC : 0);
}

void commons_find(void)
{
	static const char name[] = "/dev/zero"; /* what the kernel calls it */
	struct maps maps;
	struct maps_line line;

	ncommons = 0;
	if (!maps_open(&maps))
		return;
	while (ncommons < MOST_COMMONS && maps_next(&maps, &line))
		if (line.shared && line.writable && strncmp(line.name, name, sizeof name - 1) == 0)
			commons[ncommons++] = (struct common){line.begin, line.end, protection_of(&line)};
	maps_close(&maps);
}

/* A copy beside it takes its place. */
static bool part(const struct common *common)
{
	size_t nbytes = common->end - common->begin;
	void *copy = sys_map(NULL, nbytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (!copy)
		return false;
	memcpy(copy, (const void *)(uintptr_t)common->begin, nbytes);
	if (sys_call3(SYS_mprotect, (long)copy, (long)nbytes, common->protection) != 0)
		return false;
	return sys_call(SYS_mremap, (long)copy, (long)nbytes, (long)nbytes, MREMAP_MAYMOVE | MREMAP_FIXED,
			   (long)common->begin, 0) == (long)common->begin;
}

void commons_part(void)
{
	for (uint32_t i = 0; i < ncommons; i++)
		if (!part(&commons[i]))
			die("memory that the program has mapped before main can't be parted from other executions; use --reuse exec");
}

#include "warm.h"

#include <fcntl.h>

#include "maps.h"
#include "sys.h"

/* By way of /proc/self/mem, which writes to a private copy of what is mapped read-only; memory keeps its protection. */
static void rewrite_byte(int memory, uint64_t address)
{
	uint8_t byte = *(const volatile uint8_t *)(uintptr_t)address;

	sys_call(SYS_pwrite64, memory, (long)&byte, 1, (long)address, 0, 0);
}

void warm_code(void)
{
	int memory = (int)sys_open("/proc/self/mem", O_WRONLY, 0);
	struct maps maps;
	struct maps_line line;

	if (memory < 0)
		return;
	if (maps_open(&maps)) {
		while (maps_next(&maps, &line))
			if (line.executable && line.readable && !line.shared && line.inode != 0)
				rewrite_byte(memory, line.begin);
		maps_close(&maps);
	}
	sys_close(memory);
}

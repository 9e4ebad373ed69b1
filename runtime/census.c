#include "census.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "control.h"
#include "shared/death.h"
#include "shared/decimal.h"
#include "shared/model/retry.h"
#include "sys.h"

enum { KILLED = 9 };

/* The state letter of /proc/PID/stat stands behind the name, which ends with the last parenthesis. */
static bool is_dead(int pid)
{
	char path[32] = "/proc/", text[256];

	memcpy(decimal_write(path + 6, (uint32_t)pid), "/stat", 6);
	long fd = sys_open(path, O_RDONLY, 0);
	if (fd < 0)
		return fd == -ENOENT;
	long length = sys_read((int)fd, text, sizeof text - 1);
	sys_close((int)fd);
	text[length > 0 ? length : 0] = '\0';
	const char *end = strrchr(text, ')');
	return length == -ESRCH || (end && (end[2] == 'Z' || end[2] == 'X'));
}

bool census_take(void)
{
	struct world *world = &control->world;
	bool found = false;

	for (uint32_t i = 1; i <= world->nprocesses; i++) {
		if (i == control_process || world->processes[i].state != PROCESS_LIVE || !is_dead(world->processes[i].pid))
			continue;
		death_of_process(world, i, KILLED);
		found = true;
	}
	if (found)
		retry_all(world);
	return found;
}

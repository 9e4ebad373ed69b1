#include "maps.h"

#include <fcntl.h>

#include "sys.h"

bool maps_open(struct maps *maps)
{
	maps->at = maps->length = 0;
	maps->fd = (int)sys_open("/proc/self/maps", O_RDONLY, 0);
	return maps->fd >= 0;
}

/* The next byte of the file, or -1 at its end. */
static int next(struct maps *maps)
{
	if (maps->at == maps->length) {
		long length = sys_read(maps->fd, maps->buffer, sizeof maps->buffer);
		if (length <= 0)
			return -1;
		maps->length = (size_t)length;
		maps->at = 0;
	}
	return (unsigned char)maps->buffer[maps->at++];
}

static int digit_of(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A hexadecimal (or decimal, where it is only told apart from others) number; the byte behind it is consumed. */
static uint64_t next_number(struct maps *maps, int *behind)
{
	uint64_t value = 0;
	int digit;

	while ((digit = digit_of(*behind = next(maps))) >= 0)
		value = value << 4 | (uint64_t)digit;
	return value;
}

static void next_name(struct maps *maps, char *name, int c)
{
	size_t length = 0;

	while (c == ' ')
		c = next(maps);
	for (; c != '\n' && c >= 0; c = next(maps))
		if (length + 1 < MAPS_NAME_BYTES)
			name[length++] = (char)c;
	name[length] = '\0';
}

/* begin-end perms offset major:minor inode path */
bool maps_next(struct maps *maps, struct maps_line *line)
{
	int behind;

	line->begin = next_number(maps, &behind);
	line->end = next_number(maps, &behind);
	if (line->end == 0)
		return false;
	line->readable = next(maps) == 'r';
	line->writable = next(maps) == 'w';
	line->executable = next(maps) == 'x';
	line->shared = next(maps) == 's';
	next(maps);
	line->offset = next_number(maps, &behind);
	line->device = next_number(maps, &behind) << 32;
	line->device |= next_number(maps, &behind);
	line->inode = next_number(maps, &behind);
	next_name(maps, line->name, behind);
	return true;
}

void maps_close(struct maps *maps)
{
	sys_close(maps->fd);
}

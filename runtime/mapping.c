#include "mapping.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>

#include "sys.h"

enum { PAGES = 64, PAGE_BYTES = 4096, BUFFER_BYTES = 2048 };

/* Pages that were looked up; a key of 0 with a page is private memory. */
static struct {
	uint64_t page, key;
} pages[PAGES];

struct reader {
	int fd;
	size_t at, length;
	char buffer[BUFFER_BYTES];
};

/* The next byte of the file, or -1 at its end. */
static int next(struct reader *reader)
{
	if (reader->at == reader->length) {
		long length = sys_read(reader->fd, reader->buffer, sizeof reader->buffer);
		if (length <= 0)
			return -1;
		reader->length = (size_t)length;
		reader->at = 0;
	}
	return (unsigned char)reader->buffer[reader->at++];
}

static int digit_of(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A hexadecimal (or decimal, where it is only told apart from others) number; the byte behind it is consumed. */
static uint64_t next_number(struct reader *reader)
{
	uint64_t value = 0;
	int digit;

	while ((digit = digit_of(next(reader))) >= 0)
		value = value << 4 | (uint64_t)digit;
	return value;
}

/* begin-end perms offset major:minor inode path */
struct line {
	uint64_t begin, end, offset, device, inode;
	bool shared;
};

static bool next_line(struct reader *reader, struct line *line)
{
	int c = 0;

	line->begin = next_number(reader);
	line->end = next_number(reader);
	if (line->end == 0)
		return false;
	for (int i = 0; i < 4; i++)
		c = next(reader);
	line->shared = c == 's';
	next(reader);
	line->offset = next_number(reader);
	line->device = next_number(reader) << 32;
	line->device |= next_number(reader);
	line->inode = next_number(reader);
	do
		c = next(reader);
	while (c != '\n' && c >= 0);
	return true;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

static uint64_t page_key(uint64_t page)
{
	struct reader reader = {.fd = (int)sys_open("/proc/self/maps", O_RDONLY, 0)};
	struct line line;
	uint64_t key = 0;

	if (reader.fd < 0)
		return 0;
	while (next_line(&reader, &line) && page >= line.end)
		;
	if (page >= line.begin && page < line.end && line.shared)
		key = mix(mix(mix(1, line.device), line.inode), line.offset + (page - line.begin)) | 1;
	sys_close(reader.fd);
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

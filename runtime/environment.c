#include "environment.h"

#include <string.h>
#include <sys/mman.h>

#include "control.h"
#include "shared/decimal.h"
#include "sys.h"

enum { LIBRARY_BYTES = 1024, NAMES_BYTES = 2 * LIBRARY_BYTES };

static char library[LIBRARY_BYTES];

void environment_set_library(const char *path, size_t length)
{
	if (length >= sizeof library)
		length = 0;
	memcpy(library, path, length);
	library[length] = '\0';
}

/* The list, then room for our strings; the size of the mapping is kept in front of the list. */
struct block {
	size_t nbytes;
	char *list[];
};

static char *put_text(char *at, const char *text)
{
	size_t length = strlen(text);

	memcpy(at, text, length);
	return at + length;
}

static int is_variable(const char *entry, const char *name)
{
	size_t length = strlen(name);

	return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

char **environment_open(char *const *environment, uint32_t task, int descriptor)
{
	size_t count = 0, kept = 0;
	const char *others = NULL;

	while (environment && environment[count]) {
		if (is_variable(environment[count], "LD_PRELOAD"))
			others = environment[count] + 11;
		count++;
	}
	size_t nothers = others ? strlen(others) : 0;
	size_t nbytes = sizeof(struct block) + (count + 4) * sizeof(char *) + NAMES_BYTES + nothers;
	struct block *block = sys_map(NULL, nbytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!block)
		return NULL;
	block->nbytes = nbytes;
	char *at = (char *)&block->list[count + 4];
	block->list[kept++] = at;
	at = put_text(put_text(at, "LD_PRELOAD="), library);
	if (nothers)
		at = put_text(put_text(at, ":"), others);
	*at++ = '\0';
	block->list[kept++] = at;
	at = decimal_write(put_text(at, CONTROL_VARIABLE "="), (uint32_t)descriptor);
	*at++ = '\0';
	block->list[kept++] = at;
	*decimal_write(put_text(at, TASK_VARIABLE "="), task) = '\0';
	for (size_t i = 0; i < count; i++)
		if (!is_variable(environment[i], "LD_PRELOAD") && !is_variable(environment[i], TASK_VARIABLE) &&
			!is_variable(environment[i], CONTROL_VARIABLE))
			block->list[kept++] = environment[i];
	block->list[kept] = NULL;
	return block->list;
}

void environment_close(char **environment)
{
	struct block *block = (struct block *)((char *)environment - offsetof(struct block, list));

	sys_call3(SYS_munmap, (long)block, (long)block->nbytes, 0);
}

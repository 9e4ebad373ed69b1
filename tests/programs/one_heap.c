/* Threads allocate from the heap that the first one has: a heap for each would be made and undone in each execution.
 * race: explore --max-executions 20
 * expect: clean
 */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "threads.h"

static void *allocate(void *unused)
{
	char *bytes = malloc(100);

	(void)unused;
	if ((uintptr_t)bytes > (uintptr_t)sbrk(0))
		exit(3);
	free(bytes);
	return NULL;
}

int main(void)
{
	run_two(allocate, allocate);
	return 0;
}

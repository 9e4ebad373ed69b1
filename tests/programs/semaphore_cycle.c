/* Two jobs need a printer and a scanner, both counted by semaphores, and ask for them in opposite order.
 * race: explore --max-executions 200
 * expect: deadlock within 20
 */
#include "threads.h"
#include <semaphore.h>

static sem_t printers, scanners;

static void *copy(void *unused)
{
	sem_wait(&scanners);
	sem_wait(&printers);
	sem_post(&printers);
	sem_post(&scanners);
	return NULL;
}

static void *print_and_scan(void *unused)
{
#ifdef FIXED
	sem_wait(&scanners);
	sem_wait(&printers);
#else
	sem_wait(&printers);
	sem_wait(&scanners);
#endif
	sem_post(&scanners);
	sem_post(&printers);
	return NULL;
}

int main(void)
{
	sem_init(&printers, 0, 1);
	sem_init(&scanners, 0, 1);
	run_two(copy, print_and_scan);
	return 0;
}

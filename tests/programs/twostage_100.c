/* The two-stage update among 100 threads: 99 write, the one that reads must be let in between two critical sections.
 * race: explore --max-executions 500
 * expect: assert within 200
 * time-limit: 120
 */
#include "twostage.h"

int main(void)
{
	pthread_t reader;
	pthread_t writers[99];
	for (int i = 0; i < 99; i++)
		writers[i] = start(write_both, NULL);
	reader = start(read_both, NULL);
	for (int i = 0; i < 99; i++)
		finish(writers[i]);
	finish(reader);
	return 0;
}

/* Threads that lock a stream for more than one call, and wait for something else meanwhile.
 * race: explore --strategy random --max-executions 60 --seed 2
 * expect: clean
 */
#include <string.h>

#include "threads.h"

enum { LINES = 3 };

static FILE *out;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int nlines;

static void *write_lines(void *name)
{
	for (int i = 0; i < LINES; i++) {
		flockfile(out);
		fprintf(out, "%s ", (char *)name);
		pthread_mutex_lock(&mutex);
		nlines++;
		pthread_mutex_unlock(&mutex);
		while (ftrylockfile(out) != 0)
			abort(); /* it is ours already */
		fprintf(out, "%s\n", (char *)name);
		funlockfile(out);
		funlockfile(out);
	}
	return NULL;
}

int main(void)
{
	char *text = NULL;
	size_t nbytes = 0;
	out = open_memstream(&text, &nbytes);
	pthread_t one = start(write_lines, "a"), two = start(write_lines, "b");
	finish(one);
	finish(two);
	fclose(out);
	assert(nlines == 2 * LINES && nbytes == 4 * 2 * LINES);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		assert(strcmp(line, "a a") == 0 || strcmp(line, "b b") == 0);
	free(text);
	return 0;
}

/* Two threads take turns; then, on a line of the file LOG names: page faults so far, mappings of code and constants. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *work(void *unused)
{
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
	}
	return unused;
}

static int count_constants(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	int n = 0;

	while (maps && fgets(line, sizeof line, maps))
		n += strchr(line, '/') && (strstr(line, " r-xp ") || strstr(line, " r--p "));
	if (maps)
		fclose(maps);
	return n;
}

int main(void)
{
	pthread_t threads[2];
	struct rusage usage;

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	getrusage(RUSAGE_SELF, &usage);
	FILE *log = fopen(getenv("LOG"), "a");
	if (log) {
		fprintf(log, "%ld %d\n", usage.ru_minflt, count_constants());
		fclose(log);
	}
	return 0;
}

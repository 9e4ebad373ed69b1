/*
 * A lost update, and a failure that looks the same and comes every other time, whatever the interleaving, after the
 * first few: it depends on a file that outlives each run, as flaky tests depend on the time or on the machine.
 * usage: by_luck FILE
 */
#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_BAD = 40 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int total;

static void *add(void *unused)
{
	pthread_mutex_lock(&lock);
	int seen = total;
	pthread_mutex_unlock(&lock);
	pthread_mutex_lock(&lock);
	total = seen + 1;
	pthread_mutex_unlock(&lock);
	return unused;
}

static int count_run(const char *path)
{
	int nruns = 0, fd = open(path, O_RDWR | O_CREAT, 0600);
	ssize_t nbytes = pread(fd, &nruns, sizeof nruns, 0);

	(void)nbytes;
	nruns++;
	nbytes = pwrite(fd, &nruns, sizeof nruns, 0);
	close(fd);
	return nruns;
}

int main(int argc, char **argv)
{
	int nruns = argc > 1 ? count_run(argv[1]) : 0;
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, add, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	if (nruns > FIRST_BAD && nruns % 2 == 0)
		total = 1;
	assert(total == 2);
	return 0;
}

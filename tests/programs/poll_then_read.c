/* Two workers poll the same pipe and then read: one message wakes both, and the one that comes second reads for ever
 * instead of seeing that it shall stop.
 * race: explore --strategy auto --max-executions 200
 * expect: deadlock within 50
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "threads.h"

static int work_ends[2], stop_ends[2], nhandled;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void handle(void)
{
	pthread_mutex_lock(&mutex);
	nhandled++;
	pthread_mutex_unlock(&mutex);
}

static void *work(void *unused)
{
	struct pollfd queries[2] = {{.fd = work_ends[0], .events = POLLIN}, {.fd = stop_ends[0], .events = POLLIN}};
	char message;
	for (;;) {
		assert(poll(queries, 2, -1) > 0);
		if (!(queries[0].revents & POLLIN))
			return unused;
		if (read(work_ends[0], &message, 1) == 1)
			handle();
		else
			assert(errno == EAGAIN);
	}
}

int main(void)
{
#ifdef FIXED
	int flags = O_NONBLOCK;
#else
	int flags = 0;
#endif
	assert(pipe2(work_ends, flags) == 0 && pipe(stop_ends) == 0);
	pthread_t one = start(work, NULL), two = start(work, NULL);
	assert(write(work_ends[1], "m", 1) == 1);
	assert(write(stop_ends[1], "s", 1) == 1);
	finish(one);
	finish(two);
	return nhandled == 1 ? 0 : 1;
}

/* A logger leaves as soon as it is told to stop, although lines are still queued: the last line is lost.
 * race: explore --max-executions 200
 * expect: exit within 50
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int nqueued, nwritten;
static bool stop;

static void *log_lines(void *unused)
{
	pthread_mutex_lock(&lock);
	for (;;) {
		while (nqueued == 0 && !stop)
			pthread_cond_wait(&changed, &lock);
#ifdef FIXED
		if (nqueued == 0)
			break;
#else
		if (stop)
			break;
#endif
		nqueued--;
		nwritten++;
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *work(void *unused)
{
	pthread_mutex_lock(&lock);
	nqueued++;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *stop_logger(void *unused)
{
	pthread_mutex_lock(&lock);
	stop = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	pthread_t logger = start(log_lines, NULL);
	finish(start(work, NULL));
	finish(start(stop_logger, NULL));
	finish(logger);
	return nwritten == 1 ? 0 : 9;
}

/* What c11_queue.c leaves out of C11's threads.
 * race: explore --max-executions 100
 * expect: clean
 */
#include <assert.h>
#include <stddef.h>
#include <threads.h>
#include <time.h>

static mtx_t recursive, timed;
static once_flag once = ONCE_FLAG_INIT;
static tss_t key;
static int nonce, ndestroyed;

static void count_once(void)
{
	nonce++;
}

static void count_destroyed(void *value)
{
	(void)value;
	ndestroyed++;
}

static int leave(void *value)
{
	call_once(&once, count_once);
	tss_set(key, value);
	thrd_exit(7);
}

static int nest(void *unused)
{
	(void)unused;
	call_once(&once, count_once);
	assert(mtx_lock(&recursive) == thrd_success);
	thrd_yield();
	assert(mtx_lock(&recursive) == thrd_success);
	assert(mtx_unlock(&recursive) == thrd_success);
	return mtx_unlock(&recursive) == thrd_success ? -3 : 0;
}

static int find_it_taken(void *unused)
{
	struct timespec deadline;

	(void)unused;
	assert(mtx_trylock(&timed) == thrd_busy);
	timespec_get(&deadline, TIME_UTC);
	deadline.tv_sec++;
	assert(mtx_timedlock(&timed, &deadline) == thrd_timedout);
	return 0;
}

static void wait_in_vain(void)
{
	struct timespec deadline;
	cnd_t never;

	assert(cnd_init(&never) == thrd_success);
	timespec_get(&deadline, TIME_UTC);
	deadline.tv_sec++;
	assert(cnd_timedwait(&never, &timed, &deadline) == thrd_timedout);
	assert(cnd_signal(&never) == thrd_success && cnd_broadcast(&never) == thrd_success);
	cnd_destroy(&never);
}

static int join(thrd_t thread)
{
	int result = 0;

	assert(thrd_join(thread, &result) == thrd_success);
	return result;
}

int main(void)
{
	struct timespec span = {0, 1000};
	thrd_t threads[4];

	assert(mtx_init(&recursive, mtx_recursive) == thrd_success && mtx_init(&timed, mtx_timed) == thrd_success);
	assert(tss_create(&key, count_destroyed) == thrd_success);
	mtx_lock(&timed);
	assert(thrd_create(&threads[0], leave, &span) == thrd_success);
	assert(thrd_create(&threads[1], nest, NULL) == thrd_success);
	assert(thrd_create(&threads[2], nest, NULL) == thrd_success);
	assert(thrd_create(&threads[3], find_it_taken, NULL) == thrd_success);
	assert(join(threads[0]) == 7 && join(threads[1]) == -3 && join(threads[2]) == -3 && join(threads[3]) == 0);
	assert(nonce == 1 && ndestroyed == 1);
	assert(thrd_sleep(&span, NULL) == 0);
	wait_in_vain();
	mtx_unlock(&timed);
	mtx_destroy(&timed);
	mtx_destroy(&recursive);
	return 0;
}

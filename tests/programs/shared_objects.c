/* Objects of every kind in memory that two processes share, mapped twice: each is one object to both.
 * race: explore --max-executions 200
 * expect: clean
 */
#include "threads.h"

#include <linux/futex.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BYTES = 4096, ROUNDS = 2 };

struct shared {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	pthread_rwlock_t rwlock;
	pthread_barrier_t barrier;
	pthread_spinlock_t spin;
	sem_t sem;
	atomic_uint futex;
	int ready, under_mutex, under_rwlock, under_spin;
};

static void make(struct shared *shared)
{
	pthread_mutexattr_t mutex;
	pthread_condattr_t cond;
	pthread_rwlockattr_t rwlock;
	pthread_barrierattr_t barrier;

	pthread_mutexattr_init(&mutex);
	pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->mutex, &mutex);
	pthread_condattr_init(&cond);
	pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&shared->changed, &cond);
	pthread_rwlockattr_init(&rwlock);
	pthread_rwlockattr_setpshared(&rwlock, PTHREAD_PROCESS_SHARED);
	pthread_rwlock_init(&shared->rwlock, &rwlock);
	pthread_barrierattr_init(&barrier);
	pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&shared->barrier, &barrier, 2);
	pthread_spin_init(&shared->spin, PTHREAD_PROCESS_SHARED);
	sem_init(&shared->sem, 1, 0);
}

#define COUNT_UP(count) \
	do { \
		int seen = count; \
		sched_yield(); \
		count = seen + 1; \
	} while (0)

static void count_all(struct shared *shared)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&shared->mutex);
		COUNT_UP(shared->under_mutex);
		pthread_mutex_unlock(&shared->mutex);
		pthread_rwlock_wrlock(&shared->rwlock);
		COUNT_UP(shared->under_rwlock);
		pthread_rwlock_unlock(&shared->rwlock);
		pthread_spin_lock(&shared->spin);
		COUNT_UP(shared->under_spin);
		pthread_spin_unlock(&shared->spin);
	}
	pthread_barrier_wait(&shared->barrier);
}

static void tell(struct shared *shared)
{
	count_all(shared);
	pthread_mutex_lock(&shared->mutex);
	shared->ready = 1;
	pthread_cond_signal(&shared->changed);
	pthread_mutex_unlock(&shared->mutex);
	sem_post(&shared->sem);
	atomic_store(&shared->futex, 1);
	syscall(SYS_futex, &shared->futex, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void hear(struct shared *shared)
{
	count_all(shared);
	pthread_mutex_lock(&shared->mutex);
	while (!shared->ready)
		pthread_cond_wait(&shared->changed, &shared->mutex);
	pthread_mutex_unlock(&shared->mutex);
	sem_wait(&shared->sem);
	while (atomic_load(&shared->futex) == 0)
		syscall(SYS_futex, &shared->futex, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static struct shared *map(int fd)
{
	void *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	assert(memory != MAP_FAILED);
	return memory;
}

int main(void)
{
	int status = 0, fd = memfd_create("shared", 0);

	assert(fd >= 0 && ftruncate(fd, BYTES) == 0);
	struct shared *shared = map(fd);
	make(shared);
	pid_t child = fork();
	if (child == 0) {
		tell(map(fd)); /* at another address */
		_exit(0);
	}
	hear(shared);
	assert(waitpid(child, &status, 0) == child && status == 0);
	assert(shared->under_mutex == 2 * ROUNDS && shared->under_rwlock == 2 * ROUNDS);
	assert(shared->under_spin == 2 * ROUNDS);
	return 0;
}

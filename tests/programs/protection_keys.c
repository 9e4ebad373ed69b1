/* What a thread may do to memory with a protection key is its own matter: one thread opens its right to write while the
 * other has closed it, as V8 does around the code that it compiles.
 * race: explore --max-executions 60
 * expect: clean
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int key;
static volatile char *page;

static void *work(void *argument)
{
	for (int i = 0; i < 2; i++) {
		pkey_set(key, 0);
		pthread_mutex_lock(&lock);
		page[0]++;
		pthread_mutex_unlock(&lock);
		pkey_set(key, PKEY_DISABLE_WRITE);
		pthread_mutex_lock(&lock);
		if (pkey_get(key) != PKEY_DISABLE_WRITE)
			abort();
		pthread_mutex_unlock(&lock);
	}
	return argument;
}

int main(void)
{
	pthread_t threads[2];

	key = pkey_alloc(0, PKEY_DISABLE_WRITE);
	if (key < 0)
		return 0; /* this processor has none */
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED || pkey_mprotect((void *)page, 4096, PROT_READ | PROT_WRITE, key) != 0)
		return 1;
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return page[0] == 4 ? 0 : 1;
}

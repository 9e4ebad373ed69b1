/* Memory that a constructor has mapped to share it with processes to come is as the constructor left it in each execution,
 * though executions begin behind it; and what a child writes there its parent sees.
 * race: explore --reuse fork --max-executions 50
 * expect: clean
 * race: explore --reuse restore --max-executions 50
 * expect: clean
 * race: explore --reuse exec --max-executions 5
 * expect: clean
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threads.h"

static int *common;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void map(void)
{
	common = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (common != MAP_FAILED)
		common[2048] = 7;
}

static void *add(void *unused)
{
	pthread_mutex_lock(&lock);
	common[0]++;
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	assert(common[0] == 0 && common[2048] == 7);
	run_two(add, add);
	pid_t pid = fork();
	if (pid == 0) {
		common[2048] += common[0];
		_exit(0);
	}
	pid_t reaped = waitpid(pid, NULL, 0);
	assert(reaped == pid && common[2048] == 9);
	return 0;
}

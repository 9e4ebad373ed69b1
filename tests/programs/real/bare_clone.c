/* A thread by a bare clone, which nobody controls: bare_clone WHAT. It has the thread control block of who made it.
 *     ends    the kernel says that it has ended
 *     wakes   it says so itself, by a futex
 *     posts   a semaphore that it posts is waited for
 *     gone    a child that has gone on before its parent does
 *     stuck   it has gone, and then nobody can end a wait
 *     apart   a child with memory of its own
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STACK_BYTES = 65536, THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM };

static int word = 1, sum;
static sem_t posted;

static int add(void *argument)
{
	sum += *(int *)argument;
	return 7;
}

static int add_and_wake(void *argument)
{
	add(argument);
	__atomic_store_n(&word, 0, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0);
	return pause();
}

static int post(void *argument)
{
	add(argument);
	sem_post(&posted);
	return pause();
}

static void await_word(void)
{
	int seen;

	while ((seen = __atomic_load_n(&word, __ATOMIC_SEQ_CST)) != 0)
		syscall(SYS_futex, &word, FUTEX_WAIT, seen, NULL, NULL, 0);
}

int main(int count, char **arguments)
{
	const char *what = count == 2 ? arguments[1] : "";
	char *stack = (char *)malloc(STACK_BYTES) + STACK_BYTES;
	int five = 5, status = 0;

	if (strcmp(what, "ends") == 0) {
		clone(add, stack, THREAD | CLONE_CHILD_CLEARTID, &five, NULL, NULL, &word);
		await_word();
	} else if (strcmp(what, "wakes") == 0) {
		clone(add_and_wake, stack, THREAD, &five);
		await_word();
	} else if (strcmp(what, "posts") == 0) {
		sem_init(&posted, 0, 0);
		clone(post, stack, THREAD, &five);
		sem_wait(&posted);
	} else if (strcmp(what, "gone") == 0) {
		waitpid(clone(add, stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &five), &status, 0);
	} else if (strcmp(what, "stuck") == 0) {
		sem_init(&posted, 0, 0);
		clone(add, stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &five);
		sem_wait(&posted);
	} else {
		waitpid(clone(add, stack, SIGCHLD, &five), &status, 0);
	}
	printf("%s %d %d\n", what, sum, WEXITSTATUS(status));
	fflush(stdout);
	_exit(0);
}

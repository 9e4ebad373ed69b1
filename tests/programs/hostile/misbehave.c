/*
 * Programs that behave badly, one per word on the command line: misbehave WORD [FILE]. Each runs two threads that take
 * a mutex first, so that there is something to explore. Used by tests/bad_input.sh, which says what is expected.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char **arguments;
static volatile int flag;

static void *work(void *unused)
{
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void two_threads(void *(*first)(void *), void *(*second)(void *))
{
	pthread_t threads[2];

	pthread_create(&threads[0], NULL, first, NULL);
	pthread_create(&threads[1], NULL, second, NULL);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
}

static int plain(void)
{
	two_threads(work, work);
	return 0;
}

static int print_much(void)
{
	static char block[65536];

	memset(block, 'x', sizeof block);
	block[sizeof block - 1] = '\n';
	two_threads(work, work);
	for (int i = 0; i < 1600; i++)
		if (write(1, block, sizeof block) != (ssize_t)sizeof block)
			return 3;
	return 0;
}

static int fork_endless(void)
{
	for (;;)
		fork();
	return 0;
}

static int fork_children(void)
{
	for (;;)
		if (fork() == 0)
			for (;;)
				pause();
	return 0;
}

static int run_true(void)
{
	int status = 1;
	pid_t child = fork();

	if (child == 0) {
		execl("/bin/true", "true", NULL);
		_exit(9);
	}
	if (waitpid(child, &status, 0) != child)
		return 4;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 5;
}

static int close_all(void)
{
	for (int fd = 0; fd < 65536; fd++)
		close(fd);
	two_threads(work, work);
	return run_true();
}

/* Past the library's own functions. */
static int close_all_raw(void)
{
	syscall(SYS_close_range, 0, ~0u, 0);
	two_threads(work, work);
	return run_true();
}

static int wipe_environment(void)
{
	clearenv();
	two_threads(work, work);
	char *list[] = {arguments[0], "plain", NULL}, *nothing[] = {NULL};
	execve("/proc/self/exe", list, nothing);
	return 5;
}

static int ignore_sigterm(void)
{
	signal(SIGTERM, SIG_IGN);
	if (fork() == 0)
		for (;;)
			pause();
	two_threads(work, work);
	return 0;
}

static int die_holding(int robust)
{
	pthread_mutex_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attributes;
	int status;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, robust ? PTHREAD_MUTEX_ROBUST : PTHREAD_MUTEX_STALLED);
	pthread_mutex_init(shared, &attributes);
	pid_t child = fork();
	if (child == 0) {
		pthread_mutex_lock(shared);
		syscall(SYS_kill, getpid(), SIGKILL);
	}
	waitpid(child, &status, 0);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		return 6;
	int error = pthread_mutex_lock(shared);
	return robust && error == EOWNERDEAD ? 0 : 7;
}

static int die_robust(void)
{
	return die_holding(1);
}

static int die_stalled(void)
{
	return die_holding(0);
}

/* Killed while it waits for its turn, holding the mutex. */
static int kill_waiting(void)
{
	pthread_mutex_t *shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	volatile int *locked = (volatile int *)((char *)shared + 4096);
	pthread_mutexattr_t attributes;
	int status;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(shared, &attributes);
	pid_t child = fork();
	if (child == 0) {
		pthread_mutex_lock(shared);
		*locked = 1;
		for (;;)
			pause();
	}
	while (!*locked)
		sched_yield();
	syscall(SYS_kill, child, SIGKILL);
	int error = pthread_mutex_lock(shared);
	return error == EOWNERDEAD && waitpid(child, &status, 0) == child ? 0 : 7;
}

static int kill_parent(void)
{
	if (fork() == 0) {
		syscall(SYS_kill, getppid(), SIGKILL);
		two_threads(work, work);
		_exit(0);
	}
	two_threads(work, work);
	for (;;)
		pause();
}

/* From inside: by a signal that a fault raises. */
static int child_faults(void)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct rlimit none = {0, 0};
		setrlimit(RLIMIT_CORE, &none);
		*(volatile int *)8 = 1;
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV ? 0 : 8;
}

static void *leave_process(void *unused)
{
	work(unused);
	_exit(0);
}

static int exit_in_thread_now(void)
{
	two_threads(work, leave_process);
	return 0;
}

static void *wait_forever(void *unused)
{
	static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

	pthread_mutex_lock(&mutex);
	for (;;)
		pthread_cond_wait(&never, &mutex);
	return unused;
}

/* Past the library: nobody is told. */
static void *vanish(void *unused)
{
	work(unused);
	__asm__ volatile("syscall" : : "a"(SYS_exit), "D"(0) : "rcx", "r11", "memory");
	return unused;
}

static int thread_vanishes(void)
{
	two_threads(work, vanish);
	return 0;
}

static void *fault(void *unused)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	work(unused);
	*(volatile int *)8 = 1;
	return unused;
}

static int crash_late(void)
{
	two_threads(work, fault);
	return 0;
}

static void *exit_process(void *unused)
{
	(void)unused;
	exit(0);
}

static int exit_in_thread(void)
{
	two_threads(wait_forever, exit_process);
	return 0;
}

static int main_leaves(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, work, NULL);
	pthread_create(&thread, NULL, work, NULL);
	pthread_exit(NULL);
}

static int exec_itself(void)
{
	two_threads(work, work);
	execl("/proc/self/exe", arguments[0], "plain", NULL);
	return 5;
}

static int exec_endless(void)
{
	execv("/proc/self/exe", arguments);
	return 5;
}

static int daemonize(void)
{
	if (fork() == 0) {
		setsid();
		if (fork() == 0)
			for (;;)
				sleep(1);
		_exit(0);
	}
	two_threads(work, work);
	return 0;
}

/* A child that takes no part: the library does not see it being made. */
static int hide_child(void)
{
	long child = syscall(SYS_fork);

	if (child == 0) {
		setsid();
		syscall(SYS_close_range, 0, ~0u, 0);
		for (;;)
			syscall(SYS_pause);
	}
	two_threads(work, work);
	return child < 0;
}

static int open_many(void)
{
	int count = 0;

	while (count < 1000 && open("/dev/null", O_RDONLY) >= 0)
		count++;
	for (int fd = 10; fd < 30; fd++)
		close(fd);
	two_threads(work, work);
	return count < 40 ? 9 : run_true();
}

/* Waits for what nobody in the picture sends. */
static int sleep_outside(void)
{
	char byte;
	int fd = open(arguments[2], O_RDWR);

	two_threads(work, work);
	return read(fd, &byte, 1) == 1;
}

static int spin_alone(void)
{
	two_threads(work, work);
	while (!flag)
		;
	return 0;
}

static void *spin(void *unused)
{
	while (!__atomic_load_n(&flag, __ATOMIC_ACQUIRE))
		;
	return work(unused);
}

static void *set(void *unused)
{
	work(unused);
	__atomic_store_n(&flag, 1, __ATOMIC_RELEASE);
	return unused;
}

static int spin_for_other(void)
{
	two_threads(spin, set);
	return 0;
}

static unsigned int draws;

/* Some three seconds without a scheduling point. */
static void *compute(void *unused)
{
	for (long i = 0; i < 2500000000; i++)
		draws = draws * 1103515245 + 12345;
	return work(unused);
}

static int compute_long(void)
{
	two_threads(compute, work);
	return draws == 1;
}

static int limit_memory(void)
{
	struct rlimit limit = {64 << 20, 64 << 20};

	setrlimit(RLIMIT_AS, &limit);
	return plain() || run_true();
}

static int use_database(void)
{
	sqlite3 *db;

	two_threads(work, work);
	if (sqlite3_open(arguments[2], &db) != SQLITE_OK)
		return 10;
	int code = sqlite3_exec(db, "UPDATE item SET n = n + 1", NULL, NULL, NULL);
	sqlite3_close(db);
	return code == SQLITE_OK ? 0 : 11;
}

static int use_database_long(void)
{
	int code = use_database();

	if (fork() == 0)
		for (;;)
			pause();
	for (int i = 0; i < 100; i++)
		two_threads(work, work);
	return code;
}

static int use_database_hidden(void)
{
	return use_database() || hide_child() || use_database_long();
}

static int sleep_beside_child(void)
{
	signal(SIGTERM, SIG_IGN);
	if (fork() == 0)
		for (;;)
			pause();
	return sleep_outside();
}

static const struct behaviour {
	const char *name;
	int (*run)(void);
} behaviours[] = {
	{"plain", plain},
	{"print-much", print_much},
	{"fork-endless", fork_endless},
	{"fork-children", fork_children},
	{"close-all", close_all},
	{"close-all-raw", close_all_raw},
	{"wipe-environment", wipe_environment},
	{"ignore-sigterm", ignore_sigterm},
	{"die-robust", die_robust},
	{"die-stalled", die_stalled},
	{"kill-waiting", kill_waiting},
	{"kill-parent", kill_parent},
	{"child-faults", child_faults},
	{"exit-in-thread-now", exit_in_thread_now},
	{"exit-in-thread", exit_in_thread},
	{"main-leaves", main_leaves},
	{"exec-itself", exec_itself},
	{"exec-endless", exec_endless},
	{"daemonize", daemonize},
	{"hide-child", hide_child},
	{"open-many", open_many},
	{"sleep-outside", sleep_outside},
	{"spin-alone", spin_alone},
	{"spin-for-other", spin_for_other},
	{"compute-long", compute_long},
	{"limit-memory", limit_memory},
	{"use-database", use_database},
	{"use-database-long", use_database_long},
	{"use-database-hidden", use_database_hidden},
	{"use-nothing", sleep_beside_child},
	{"thread-vanishes", thread_vanishes},
	{"crash-late", crash_late},
};

/* Before main. */
__attribute__((constructor)) static void begin(int count, char **words)
{
	if (count > 1 && strcmp(words[1], "crash-early") == 0)
		raise(SIGSEGV);
	if (count > 1 && strcmp(words[1], "exit-early") == 0)
		_exit(3);
	while (count > 1 && strcmp(words[1], "spin-early") == 0 && !flag)
		;
}

int main(int count, char **words)
{
	arguments = words;
	for (size_t i = 0; count > 1 && i < sizeof behaviours / sizeof *behaviours; i++)
		if (strcmp(words[1], behaviours[i].name) == 0)
			return behaviours[i].run();
	fprintf(stderr, "misbehave: which way?\n");
	return 2;
}

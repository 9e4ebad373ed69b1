/* What a thread is, as a program sees it: prints the same natively and on each carrier, and ends the same way.
 * thread_features [WAY]: how it ends after the rest: exit (default), main-exits, thread-exits, abort, segv, double-free,
 * uncaught, assert.
 */
#include <atomic>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <future>
#include <mutex>
#include <pthread.h>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <vector>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t key, rekey;
static std::atomic<int> destroyed, keys_destroyed, rekeyed, cleaned, unwound;

static void yield_a_little()
{
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
	}
}

struct counted {
	int value = 7;
	~counted() { destroyed++; yield_a_little(); }
};
static thread_local counted local;

static void key_ends(void *) { keys_destroyed++; yield_a_little(); }

static void rekey_ends(void *value)
{
	rekeyed++;
	long round = (long)value;
	if (round < 3)
		pthread_setspecific(rekey, (void *)(round + 1));
}

static void *ordinary(void *argument)
{
	local.value = (int)(long)argument;
	errno = (int)(long)argument;
	pthread_setspecific(key, argument);
	pthread_setspecific(rekey, (void *)1);
	yield_a_little();
	if (local.value != (int)(long)argument || errno != (int)(long)argument)
		puts("thread-local variables mixed up");
	return argument;
}

static void *throwing(void *)
{
	int caught = 0;
	for (int i = 0; i < 3; i++) {
		try {
			try {
				throw std::runtime_error("inner");
			} catch (const std::exception &) {
				yield_a_little();
				throw;
			}
		} catch (const std::runtime_error &error) {
			caught += std::string(error.what()) == "inner";
		}
	}
	return (void *)(long)caught;
}

static void cleanup(void *) { cleaned++; }

struct unwinding {
	~unwinding() { unwound++; yield_a_little(); }
};

static void *leaving(void *)
{
	unwinding guard;
	pthread_cleanup_push(cleanup, nullptr);
	yield_a_little();
	pthread_exit((void *)42);
	pthread_cleanup_pop(0);
	return nullptr;
}

static void *cancelled(void *)
{
	unwinding guard;
	pthread_cleanup_push(cleanup, nullptr);
	for (;;)
		pthread_testcancel(), yield_a_little();
	pthread_cleanup_pop(0);
	return nullptr;
}

static void join_all(std::vector<pthread_t> &threads, const char *what)
{
	for (pthread_t thread : threads) {
		void *value;
		int error = pthread_join(thread, &value);
		printf("%s: %d %ld\n", what, error, (long)value);
	}
}

static void ends()
{
	std::vector<pthread_t> threads(3);
	for (long i = 0; i < 3; i++)
		pthread_create(&threads[i], nullptr, ordinary, (void *)(i + 1));
	join_all(threads, "ordinary");
	for (auto &thread : threads)
		pthread_create(&thread, nullptr, throwing, nullptr);
	join_all(threads, "throwing");
	for (auto &thread : threads)
		pthread_create(&thread, nullptr, leaving, nullptr);
	join_all(threads, "leaving");
	for (auto &thread : threads)
		pthread_create(&thread, nullptr, cancelled, nullptr);
	for (auto thread : threads)
		printf("cancel: %d\n", pthread_cancel(thread));
	join_all(threads, "cancelled");
	printf("destroyed %d, keys %d, rekeyed %d, cleaned %d, unwound %d\n", destroyed.load(), keys_destroyed.load(),
		rekeyed.load(), cleaned.load(), unwound.load());
}

static std::atomic<int> handled, handled_by_target;
static pthread_t target;
static thread_local int handled_here;

static void on_signal(int)
{
	handled++;
	handled_here++;
	handled_by_target += pthread_equal(pthread_self(), target) != 0;
	sched_yield();
}

static void *masked(void *)
{
	sigset_t set, seen;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, nullptr);
	for (int i = 0; i < 5; i++) {
		yield_a_little();
		pthread_sigmask(SIG_BLOCK, nullptr, &seen);
		if (!sigismember(&seen, SIGUSR2) || sigismember(&seen, SIGUSR1))
			puts("mask of another thread");
	}
	return nullptr;
}

static std::atomic<int> release;

static void *receiving(void *)
{
	while (!release) {
		yield_a_little();
		sched_yield();
	}
	return (void *)(long)handled_here;
}

static void signals()
{
	struct sigaction action = {};
	action.sa_handler = on_signal;
	sigaction(SIGUSR1, &action, nullptr);
	pthread_t others[2];
	for (auto &other : others)
		pthread_create(&other, nullptr, masked, nullptr);
	pthread_create(&target, nullptr, receiving, nullptr);
	printf("is there: %d\n", pthread_kill(target, 0));
	pthread_kill(target, SIGUSR1);
	while (handled_by_target == 0)
		sched_yield();
	raise(SIGUSR1);
	syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), SIGUSR1);
	release = 1;
	void *seen;
	pthread_join(target, &seen);
	for (auto other : others)
		pthread_join(other, nullptr);
	sigset_t mask;
	pthread_sigmask(SIG_BLOCK, nullptr, &mask);
	printf("handled %d, by the target %ld, main blocks %d\n", handled.load(), (long)seen, sigismember(&mask, SIGUSR2));
}

static char own_stack[1 << 18] __attribute__((aligned(4096)));
static pid_t numbers[4];

static void *describe(void *argument)
{
	long index = (long)argument;
	pthread_attr_t attributes;
	void *stack;
	size_t nbytes;
	int detached, local_variable, error = pthread_getattr_np(pthread_self(), &attributes);
	pthread_attr_getstack(&attributes, &stack, &nbytes);
	pthread_attr_getdetachstate(&attributes, &detached);
	bool inside = (char *)&local_variable >= (char *)stack && (char *)&local_variable < (char *)stack + nbytes;
	char name[16];
	pthread_getname_np(pthread_self(), name, sizeof name);
	cpu_set_t set;
	int affinity = sched_getaffinity(gettid(), sizeof set, &set);
	pthread_mutex_lock(&lock);
	numbers[index] = gettid();
	printf("thread %ld: error %d, on its stack %d of %zu%s, detached %d, called %s, affinity %d %d\n", index, error,
		inside, index == 0 ? 0 : nbytes, stack == own_stack ? " of mine" : "", detached, name,
		affinity, CPU_COUNT(&set) == (int)std::thread::hardware_concurrency());
	pthread_mutex_unlock(&lock);
	prctl(PR_SET_NAME, index == 1 ? "renamed" : "another");
	yield_a_little();
	prctl(PR_GET_NAME, name);
	return (void *)(long)(strcmp(name, index == 1 ? "renamed" : "another") == 0 && gettid() == numbers[index]);
}

static void attributes()
{
	pthread_t thread;
	pthread_attr_t attributes;
	void *value;
	char name[16];
	for (long i = 0; i < 3; i++) {
		pthread_attr_init(&attributes);
		if (i == 1)
			pthread_attr_setstacksize(&attributes, 1 << 17);
		if (i == 2)
			pthread_attr_setstack(&attributes, own_stack, sizeof own_stack);
		pthread_create(&thread, i ? &attributes : nullptr, describe, (void *)i);
		pthread_join(thread, &value);
		printf("kept its name and number: %ld\n", (long)value);
	}
	printf("numbers differ: %d\n", numbers[0] != getpid() && numbers[1] != getpid() && gettid() == getpid());
	pthread_getname_np(pthread_self(), name, sizeof name);
	printf("main is called %s\n", name);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_create(&thread, &attributes, [](void *) -> void * { cleaned = 100; return nullptr; }, nullptr);
	while (cleaned != 100)
		sched_yield();
}

static pthread_mutex_t robust, recursive;

static void *abandon(void *)
{
	pthread_mutex_lock(&robust);
	return nullptr;
}

static void *nest(void *)
{
	for (int i = 0; i < 3; i++)
		pthread_mutex_lock(&recursive);
	for (int i = 0; i < 3; i++)
		pthread_mutex_unlock(&recursive);
	return nullptr;
}

static void mutexes()
{
	pthread_mutexattr_t attributes;
	pthread_t threads[2];
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&recursive, &attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_NORMAL);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust, &attributes);
	for (auto &thread : threads)
		pthread_create(&thread, nullptr, nest, nullptr);
	for (auto thread : threads)
		pthread_join(thread, nullptr);
	pthread_create(&threads[0], nullptr, abandon, nullptr);
	pthread_join(threads[0], nullptr);
	int owner_died = pthread_mutex_lock(&robust);
	pthread_mutex_consistent(&robust);
	pthread_mutex_unlock(&robust);
	printf("owner died: %d, then %d\n", owner_died == EOWNERDEAD, pthread_mutex_trylock(&robust));
}

static void library()
{
	auto first = std::async(std::launch::async, [] { yield_a_little(); return 11; });
	auto second = std::async(std::launch::async, []() -> int { throw std::logic_error("from a thread"); });
	printf("async: %d", first.get());
	try {
		second.get();
	} catch (const std::logic_error &error) {
		printf(", %s\n", error.what());
	}
	std::once_flag flag;
	int once = 0;
	std::vector<std::thread> threads;
	for (int i = 0; i < 3; i++)
		threads.emplace_back([&] { std::call_once(flag, [&] { once++; yield_a_little(); }); });
	for (auto &thread : threads)
		thread.join();
	printf("once: %d\n", once);
}

static void *end_as(void *argument)
{
	const char *way = (const char *)argument;
	yield_a_little();
	fflush(stdout);
	if (strcmp(way, "thread-exits") == 0)
		exit(3);
	if (strcmp(way, "abort") == 0)
		abort();
	if (strcmp(way, "segv") == 0)
		*(volatile int *)8 = 1;
	if (strcmp(way, "double-free") == 0) {
		char *volatile block = (char *)malloc(100000);
		free(block);
		free(block);
	}
	if (strcmp(way, "uncaught") == 0)
		throw std::runtime_error("nobody catches this");
	if (strcmp(way, "assert") == 0)
		assert(way == nullptr);
	if (strcmp(way, "main-exits") == 0) {
		for (int i = 0; i < 10; i++)
			yield_a_little();
		puts("the last thread");
	}
	return nullptr;
}

int main(int count, char **arguments)
{
	static const char usual[] = "exit";
	const char *way = count > 1 ? arguments[1] : usual;
	pthread_t thread;
	pthread_key_create(&key, key_ends);
	pthread_key_create(&rekey, rekey_ends);
	atexit([] { puts("exit handler"); });
	ends();
	signals();
	attributes();
	mutexes();
	library();
	fflush(stdout);
	pthread_create(&thread, nullptr, end_as, (void *)way);
	if (strcmp(way, "main-exits") == 0)
		pthread_exit(nullptr);
	pthread_join(thread, nullptr);
	return 0;
}

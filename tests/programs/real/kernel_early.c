/* What a process has set up before its first thread, each execution finds as it was: kernel_early WHAT. Each prints what it
 * finds, natively and in every execution the same.
 *     handlers descriptors pending mapped                                    can be undone
 *     timers stack limits socket eventfd epoll timerfd signalfd file-shared  can't
 *     memory-file temporary-file                                             can't
 */
#define _GNU_SOURCE
#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char stack_bytes[65536];
static int descriptor, ends[2];
static char *mapping;
static timer_t timer;
static volatile sig_atomic_t nhandled;

static void on_signal(int number) { nhandled += number; }
static void on_other(int number) { nhandled += 100 * number; }

static sigset_t set_of(int number)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, number);
	return set;
}

static void set_handler(void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler};
	sigaction(SIGUSR1, &action, NULL);
}

static void early_handlers(void) { set_handler(on_signal); }

static void handlers(void)
{
	raise(SIGUSR1);
	set_handler(on_other);
	raise(SIGUSR1);
	printf("handlers %d\n", (int)nhandled);
}

static void early_stack(void)
{
	stack_t stack = {.ss_sp = stack_bytes, .ss_size = sizeof stack_bytes};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
	assert(sigaltstack(&stack, NULL) == 0);
	sigaction(SIGUSR1, &action, NULL);
}

static void stack(void)
{
	pthread_kill(pthread_self(), SIGUSR1);
	printf("stack %d\n", (int)nhandled);
}

static void early_timers(void)
{
	struct itimerval later = {.it_value.tv_sec = 1000};
	struct itimerspec then = {.it_value.tv_sec = 1000};
	struct sigevent nothing = {.sigev_notify = SIGEV_NONE};
	setitimer(ITIMER_REAL, &later, NULL);
	assert(timer_create(CLOCK_MONOTONIC, &nothing, &timer) == 0);
	timer_settime(timer, 0, &then, NULL);
}

static void timers(void)
{
	struct itimerval sooner = {.it_value.tv_sec = 500}, before;
	struct itimerspec then = {.it_value.tv_sec = 500}, left;
	setitimer(ITIMER_REAL, &sooner, &before);
	timer_settime(timer, 0, &then, &left);
	printf("timers %d %d", before.it_value.tv_sec >= 900, left.it_value.tv_sec >= 900);
	getitimer(ITIMER_REAL, &before);
	timer_gettime(timer, &left);
	printf(" %d %d\n", before.it_value.tv_sec <= 500, left.it_value.tv_sec <= 500);
}

static void early_descriptors(void)
{
	descriptor = open("kernel_early", O_RDONLY);
	assert(lseek(descriptor, 100, SEEK_SET) == 100);
}

/* Duplicates share the offset; the folder is changed through a descriptor. */
static void descriptors(void)
{
	char text[64] = "", bytes[8];
	int other = dup(descriptor), folder = open("/", O_RDONLY | O_DIRECTORY);
	printf("descriptors %zd", read(other, bytes, 8));
	printf(" %ld", (long)lseek(descriptor, 0, SEEK_CUR));
	printf(" %d", fchdir(folder));
	printf(" %s", getcwd(text, sizeof text));
	printf(" %d\n", close(descriptor));
}

static void early_pending(void)
{
	sigset_t set = set_of(SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* Nobody takes what is sent. */
static void pending(void)
{
	sigset_t set;
	sigpending(&set);
	printf("pending %d", sigismember(&set, SIGUSR2));
	kill(getpid(), SIGUSR2);
	raise(SIGUSR2);
	sigpending(&set);
	printf(" %d\n", sigismember(&set, SIGUSR2));
}

static void early_mapped(void)
{
	int file = open("kernel_early", O_RDONLY);
	mapping = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	close(file);
}

/* A file's page that is written to is the process's own. */
static void mapped(void)
{
	char text[4];
	memcpy(text, mapping + 1, 3);
	printf("mapped %.3s\n", text);
	memset(mapping, 'x', PAGE_BYTES);
}

static void limits(void)
{
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	printf("limits %d", limit.rlim_cur > 64);
	limit.rlim_cur = 64;
	printf(" %d\n", setrlimit(RLIMIT_NOFILE, &limit));
}

static void early_socket(void) { assert(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0); }

static void use_socket(void)
{
	char text[8] = "";
	ssize_t sent = write(ends[0], "abc", 3), got = read(ends[1], text, 2);
	printf("socket %zd %zd %s\n", sent, got, text);
}

static void early_eventfd(void) { descriptor = eventfd(3, 0); }

static void use_eventfd(void)
{
	uint64_t value;
	eventfd_write(descriptor, 4);
	printf("eventfd %zd", read(descriptor, &value, sizeof value));
	printf(" %d\n", (int)value);
	eventfd_write(descriptor, 1);
}

static void early_epoll(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	early_eventfd();
	ends[0] = epoll_create1(0);
	epoll_ctl(ends[0], EPOLL_CTL_ADD, descriptor, &event);
}

static void use_epoll(void)
{
	struct epoll_event event;
	printf("epoll %d", epoll_wait(ends[0], &event, 1, 0));
	printf(" %d\n", epoll_ctl(ends[0], EPOLL_CTL_DEL, descriptor, NULL));
}

static void early_timerfd(void) { descriptor = timerfd_create(CLOCK_MONOTONIC, 0); }

static void use_timerfd(void)
{
	struct itimerspec soon = {.it_value.tv_nsec = 1000000}, left;
	uint64_t value = 0;
	timerfd_gettime(descriptor, &left);
	printf("timerfd %d", left.it_value.tv_nsec != 0);
	timerfd_settime(descriptor, 0, &soon, NULL);
	printf(" %zd %d\n", read(descriptor, &value, sizeof value), (int)value);
	soon.it_value.tv_sec = 1000;
	timerfd_settime(descriptor, 0, &soon, NULL);
}

static void early_signalfd(void)
{
	sigset_t set = set_of(SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	descriptor = signalfd(-1, &set, SFD_NONBLOCK);
}

static void use_signalfd(void)
{
	struct signalfd_siginfo information;
	ssize_t before = read(descriptor, &information, sizeof information);
	kill(getpid(), SIGUSR2);
	printf("signalfd %zd %zd\n", before, read(descriptor, &information, sizeof information));
	kill(getpid(), SIGUSR2);
}

static void early_file(void)
{
	int file = open("input", O_RDWR);
	mapping = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
}

/* The file stays what it is in the end. */
static void use_file(void)
{
	char first = *mapping;
	*mapping = (char)(first + 1);
	printf("file-shared %c\n", first);
	*mapping = first;
}

static void early_memory_file(void) { descriptor = memfd_create("early", 0); }
static void early_temporary_file(void) { descriptor = fileno(tmpfile()); }

static void use_nameless(void)
{
	assert(write(descriptor, "x", 1) == 1);
	printf("nameless %ld\n", (long)lseek(descriptor, 0, SEEK_END));
}

static void nothing(void) { }

static const struct part {
	const char *name;
	void (*early)(void), (*run)(void);
} parts[] = {
	{"handlers", early_handlers, handlers}, {"stack", early_stack, stack}, {"timers", early_timers, timers},
	{"descriptors", early_descriptors, descriptors}, {"pending", early_pending, pending}, {"mapped", early_mapped, mapped},
	{"limits", nothing, limits}, {"socket", early_socket, use_socket}, {"eventfd", early_eventfd, use_eventfd},
	{"epoll", early_epoll, use_epoll}, {"timerfd", early_timerfd, use_timerfd},
	{"signalfd", early_signalfd, use_signalfd}, {"file-shared", early_file, use_file},
	{"memory-file", early_memory_file, use_nameless}, {"temporary-file", early_temporary_file, use_nameless},
};

static void *work(void *argument)
{
	const struct part *part = argument;
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&lock);
		if (part && i == 1)
			part->run();
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

int main(int count, char **arguments)
{
	const struct part *part = NULL;
	pthread_t threads[2];
	for (size_t i = 0; count == 2 && i < sizeof parts / sizeof *parts; i++)
		if (strcmp(parts[i].name, arguments[1]) == 0)
			part = &parts[i];
	if (!part)
		return 2;
	part->early();
	pthread_create(&threads[0], NULL, work, (void *)part);
	pthread_create(&threads[1], NULL, work, NULL);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	return 0;
}

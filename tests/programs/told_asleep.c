/* A daemon that waits for datagrams, which race leaves to the kernel, is told to end by a signal, or hears an alarm.
 * race: explore --max-executions 20
 * expect: clean
 * race: explore --max-executions 20 -- alarm
 * expect: clean
 * race: explore --max-executions 20 -- again
 * expect: clean
 * race: explore --max-executions 20 --carrier thread --reuse fork -- thread
 * expect: clean
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threads.h"

enum { STATUS_TOLD = 7 };

static volatile sig_atomic_t ntold;
static int ready[2];
static const char *way;

static bool is(const char *name)
{
	return strcmp(way, name) == 0;
}

static void on_signal(int number)
{
	(void)number;
	ntold++;
}

static int open_socket(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
	return fd;
}

/* Handlers run while it waits, not before. */
static void *wait_for_datagram(void *unused)
{
	struct pollfd query = {open_socket(), POLLIN, 0};
	sigset_t none;

	sigemptyset(&none);
	assert(write(ready[1], "r", 1) == 1);
	int n = ppoll(&query, 1, NULL, &none);
	assert(n == -1 && errno == EINTR && (is("again") ? ntold > 0 : ntold == 1));
	return unused;
}

static void prepare(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t both;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	sigemptyset(&both);
	sigaddset(&both, SIGTERM);
	sigaddset(&both, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &both, NULL);
}

static void serve(void)
{
	prepare();
	if (is("alarm"))
		alarm(2);
	wait_for_datagram(NULL);
	_exit(STATUS_TOLD);
}

static void tell_process(void)
{
	char byte;
	int status;
	pid_t child = fork();

	if (child == 0)
		serve();
	assert(read(ready[0], &byte, 1) == 1);
	if (is("masked"))
		kill(child, SIGTERM);
	while (is("again") && waitpid(child, &status, WNOHANG) == 0) {
		kill(child, SIGTERM);
		usleep(100000);
	}
	assert(is("again") || waitpid(child, &status, 0) == child);
	assert(WIFEXITED(status) && WEXITSTATUS(status) == STATUS_TOLD);
}

static void tell_thread(void)
{
	char byte;

	prepare();
	pthread_t thread = start(wait_for_datagram, NULL);
	assert(read(ready[0], &byte, 1) == 1);
	pthread_kill(thread, SIGTERM);
	finish(thread);
}

int main(int count, char **arguments)
{
	way = count > 1 ? arguments[1] : "masked";
	assert(pipe(ready) == 0);
	if (is("thread"))
		tell_thread();
	else
		tell_process();
	return 0;
}

/* Pipes, eventfds, pairs of sockets and waiting for them, as they are natively: every call gives what it should.
 * race: explore --strategy random --max-executions 60 --seed 5
 * expect: clean
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "threads.h"

enum { LONG_BYTES = 200000, SHORT_BYTES = 1000 };

static int ends[2], other[2], event;

static void open_pipe(int *pair, int flags)
{
	int error = pipe2(pair, flags);
	assert(error == 0);
}

static void close_pair(int *pair)
{
	int error = close(pair[0]) | close(pair[1]);
	assert(error == 0);
}

/* A long write goes through in pieces, and comes out whole and in order. */
static void *write_long(void *unused)
{
	static char text[LONG_BYTES];
	for (int i = 0; i < LONG_BYTES; i++)
		text[i] = (char)(i % 251);
	struct iovec vectors[2] = {{text, SHORT_BYTES}, {text + SHORT_BYTES, LONG_BYTES - SHORT_BYTES}};
	ssize_t n = writev(ends[1], vectors, 2);
	assert(n == LONG_BYTES);
	close(ends[1]);
	return unused;
}

static void check_long(void)
{
	char text[7000];
	int at = 0;
	ssize_t n;
	open_pipe(ends, 0);
	pthread_t writer = start(write_long, NULL);
	while ((n = read(ends[0], text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < n; i++, at++)
			assert(text[i] == (char)(at % 251));
	assert(n == 0 && at == LONG_BYTES);
	finish(writer);
	close(ends[0]);
}

static void *count_up(void *unused)
{
	for (uint64_t i = 1; i <= 3; i++)
		assert(write(event, &i, sizeof(i)) == sizeof(i));
	return unused;
}

static void check_eventfd(int flags, uint64_t reads)
{
	uint64_t sum = 0, value;
	event = eventfd(0, flags);
	assert(event >= 0);
	pthread_t writer = start(count_up, NULL);
	uint64_t nreads = 0;
	while (sum < 6) {
		assert(read(event, &value, sizeof(value)) == sizeof(value));
		sum += value;
		nreads++;
	}
	assert(sum == 6 && (reads == 0 || nreads == reads));
	finish(writer);
	close(event);
}

static void *answer(void *unused)
{
	char word[16];
	ssize_t n;
	while ((n = recv(other[1], word, sizeof(word), 0)) > 0)
		assert(send(other[1], word, (size_t)n, MSG_NOSIGNAL) == n);
	assert(n == 0);
	return unused;
}

static void check_sockets(int type)
{
	char word[16];
	assert(socketpair(AF_UNIX, type, 0, other) == 0);
	pthread_t server = start(answer, NULL);
	for (int i = 0; i < 3; i++) {
		assert(write(other[0], "ping", 5) == 5);
		assert(read(other[0], word, sizeof(word)) == 5 && strcmp(word, "ping") == 0);
	}
	assert(recv(other[0], word, sizeof(word), MSG_DONTWAIT) == -1 && errno == EAGAIN);
	assert(shutdown(other[0], SHUT_WR) == 0);
	finish(server);
	close_pair(other);
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int wait_poll(int timeout_ms)
{
	struct pollfd fds[2] = {{.fd = ends[0], .events = POLLIN}, {.fd = event, .events = POLLIN}};
	return poll(fds, 2, timeout_ms);
}

static int wait_select(int timeout_ms)
{
	struct timeval timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
	fd_set set;
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	FD_SET(event, &set);
	int n = select((ends[0] > event ? ends[0] : event) + 1, &set, NULL, NULL, timeout_ms < 0 ? NULL : &timeout);
	assert(n != 0 || (!FD_ISSET(ends[0], &set) && !FD_ISSET(event, &set)));
	return n;
}

static int wait_epoll(int timeout_ms)
{
	struct epoll_event one = {.events = EPOLLIN, .data.fd = ends[0]}, found[2];
	int set = epoll_create1(0);
	assert(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &one) == 0);
	one.data.fd = event;
	assert(epoll_ctl(set, EPOLL_CTL_ADD, event, &one) == 0);
	int n = epoll_wait(set, found, 2, timeout_ms);
	close(set);
	return n;
}

static void *write_both(void *unused)
{
	uint64_t one = 1;
	assert(write(ends[1], "x", 1) == 1);
	assert(write(event, &one, sizeof(one)) == sizeof(one));
	return unused;
}

/* Nothing: the time-out, and at once with none. Then one or both, whatever has been written by then. */
static void check_wait(int (*wait)(int))
{
	open_pipe(ends, O_CLOEXEC);
	event = eventfd(0, EFD_NONBLOCK);
	double before = now();
	assert(wait(0) == 0 && wait(1500) == 0);
	assert(now() - before >= 1.5 && now() - before < 10);
	pthread_t writer = start(write_both, NULL);
	int n = wait(-1);
	assert(n == 1 || n == 2);
	finish(writer);
	assert(wait(-1) == 2 && wait(10) == 2 && wait(0) == 2);
	close_pair(ends);
	close(event);
}

/* Somebody who looks again and again does not keep others from working. */
static void check_spin(void)
{
	char word[2];
	open_pipe(ends, O_NONBLOCK);
	event = eventfd(0, EFD_NONBLOCK);
	assert(read(ends[0], word, 1) == -1 && errno == EAGAIN);
	pthread_t writer = start(write_both, NULL);
	while (read(ends[0], word, 1) == -1)
		assert(errno == EAGAIN);
	while (wait_poll(0) == 0)
		continue;
	finish(writer);
	close_pair(ends);
	close(event);
}

/* stdio in two processes, and the end of file that comes of the other's death. */
static void check_streams(void)
{
	char line[32];
	open_pipe(ends, 0);
	pid_t child = fork();
	if (child == 0) {
		FILE *out = fdopen(ends[1], "w");
		close(ends[0]);
		for (int i = 0; i < 3; i++)
			fprintf(out, "line %d\n", i);
		exit(7);
	}
	close(ends[1]);
	FILE *in = fdopen(ends[0], "r");
	for (int i = 0; i < 3; i++)
		assert(fgets(line, sizeof(line), in) && line[5] == '0' + i);
	assert(!fgets(line, sizeof(line), in) && feof(in));
	fclose(in);
	int status;
	assert(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7);
}

static void check_popen(void)
{
	char line[32] = "";
	FILE *in = popen("echo one; echo two | cat", "r");
	assert(fgets(line, sizeof(line), in) && strcmp(line, "one\n") == 0);
	assert(fgets(line, sizeof(line), in) && strcmp(line, "two\n") == 0);
	assert(pclose(in) == 0);
}

int main(void)
{
	check_long();
	check_eventfd(0, 0);
	check_eventfd(EFD_SEMAPHORE, 6);
	check_sockets(SOCK_STREAM);
	check_wait(wait_poll);
	check_wait(wait_select);
	check_wait(wait_epoll);
	check_spin();
	check_streams();
	check_popen();
	return 0;
}

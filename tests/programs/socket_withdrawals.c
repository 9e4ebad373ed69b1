/* A server answers each connection in a thread of its own: it looks at the balance, then takes the amount in a second
 * critical section. Two clients, processes of their own, withdraw at the same time.
 * race: explore --max-executions 300 -- unix
 * expect: assert within 60
 * race: explore --max-executions 300 -- tcp
 * expect: assert within 60
 */
#include <arpa/inet.h>
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threads.h"

enum { CLIENTS = 2, AMOUNT = 70 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int balance = 100;

union address {
	struct sockaddr any;
	struct sockaddr_un local;
	struct sockaddr_in net;
};

static int withdraw(int amount)
{
	pthread_mutex_lock(&lock);
	bool enough = balance >= amount;
#ifndef FIXED
	pthread_mutex_unlock(&lock);
	pthread_mutex_lock(&lock);
#endif
	if (enough)
		balance -= amount;
	assert(balance >= 0);
	pthread_mutex_unlock(&lock);
	return enough;
}

static void *serve(void *connection)
{
	int fd = (int)(intptr_t)connection, amount = 0, answer;

	if (recv(fd, &amount, sizeof amount, 0) != sizeof amount)
		abort();
	answer = withdraw(amount);
	if (send(fd, &answer, sizeof answer, 0) != sizeof answer)
		abort();
	close(fd);
	return NULL;
}

/* A client of its own: ends with 0 when it got the money, with 1 when it was refused. */
static void ask(const union address *address, socklen_t length)
{
	int fd = socket(address->any.sa_family, SOCK_STREAM, 0), amount = AMOUNT, answer = -1;

	if (fd < 0 || connect(fd, &address->any, length) < 0)
		_exit(3);
	if (write(fd, &amount, sizeof amount) != sizeof amount || read(fd, &answer, sizeof answer) != sizeof answer)
		_exit(4);
	_exit(answer ? 0 : 1);
}

static int listen_at(union address *address, socklen_t *length)
{
	int fd = socket(address->any.sa_family, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, &address->any, *length) < 0 || listen(fd, CLIENTS) < 0)
		abort();
	*length = sizeof *address;
	if (getsockname(fd, &address->any, length) < 0)
		abort();
	return fd;
}

int main(int argc, char **argv)
{
	union address address = {.net = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof address.net;
	pthread_t workers[CLIENTS];
	int granted = 0;

	if (argc > 1 && strcmp(argv[1], "unix") == 0) { /* an abstract name that the kernel picks */
		address.local.sun_family = AF_UNIX;
		length = sizeof address.local.sun_family;
	}
	int fd = listen_at(&address, &length);
	for (int i = 0; i < CLIENTS; i++)
		if (fork() == 0)
			ask(&address, length);
	for (int i = 0; i < CLIENTS; i++)
		workers[i] = start(serve, (void *)(intptr_t)accept(fd, NULL, NULL));
	for (int i = 0; i < CLIENTS; i++)
		finish(workers[i]);
	for (int i = 0; i < CLIENTS; i++) {
		int status;
		wait(&status);
		assert(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
		granted += WEXITSTATUS(status) == 0;
	}
	assert(granted == 1);
	return 0;
}

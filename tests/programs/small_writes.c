/* A server answers in two small writes, a client asks in two, on one connection, again and again, as HTTP is spoken when
 * connections are kept alive. TCP holds the second one back until the first is acknowledged, some 40 ms later, and what is
 * corked or followed by more for longer: real time, during which nobody can go. That must not count as waiting in vain.
 * race: explore --strategy first --max-executions 1
 * expect: clean
 */
#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { ROUNDS = 4 };

static int listener;

static void take(int fd, const char *wanted)
{
	char bytes[8];
	size_t n = 0, length = strlen(wanted);

	while (n < length) {
		ssize_t more = recv(fd, bytes + n, length - n, 0);
		assert(more > 0);
		n += (size_t)more;
	}
	assert(memcmp(bytes, wanted, length) == 0);
}

static void give(int fd, const char *first, const char *second, int flags)
{
	assert(send(fd, first, strlen(first), flags) == (ssize_t)strlen(first));
	assert(send(fd, second, strlen(second), flags) == (ssize_t)strlen(second));
}

static void set(int fd, int option, int value)
{
	assert(setsockopt(fd, IPPROTO_TCP, option, &value, sizeof value) == 0);
}

/* Who waits for ten seconds has waited in vain. */
static void be_patient(int fd)
{
	struct timeval patience = {10, 0};

	assert(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
}

static void *serve(void *unused)
{
	int fd = accept(listener, NULL, NULL);

	be_patient(fd);
	for (int round = 0; round < ROUNDS; round++) {
		take(fd, "askmore");
		if (round == 1)
			set(fd, TCP_CORK, 1);
		if (round == 2)
			set(fd, TCP_CORK, 0);
		give(fd, "head", "body", round == 3 ? MSG_MORE : 0);
	}
	close(fd);
	return unused;
}

int main(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	pthread_t server;

	listener = socket(AF_INET, SOCK_STREAM, 0);
	assert(bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 1) == 0);
	assert(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
	assert(pthread_create(&server, NULL, serve, NULL) == 0);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	set(fd, TCP_CORK, 1);
	assert(connect(fd, (struct sockaddr *)&address, length) == 0);
	be_patient(fd);
	set(fd, TCP_NODELAY, 0);
	for (int round = 0; round < ROUNDS; round++) {
		give(fd, "ask", "more", 0);
		take(fd, "head");
		take(fd, "body");
	}
	close(fd);
	close(listener);
	return pthread_join(server, NULL);
}

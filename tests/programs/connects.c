/*
 * Connects to ADDRESS PORT, or to a socket's PATH, in a thread (or with -c in a child process), and says what it is told
 * to: nothing, or the first message of a client of PostgreSQL, MySQL or Redis. Prints the errno when it can't connect.
 * Run by tests/network.sh.
 *
 * usage: connects [-c] ADDRESS PORT|PATH [postgresql|mysql|redis]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *address, *greeting;
static int port;

static int connect_socket(void)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((unsigned short)port)};
	int fd;

	if (inet_pton(AF_INET, address, &four.sin_addr) == 1) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		return connect(fd, (struct sockaddr *)&four, sizeof four) == 0 || errno == EINPROGRESS ? fd : -1;
	}
	if (inet_pton(AF_INET6, address, &six.sin6_addr) == 1) {
		fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
		return connect(fd, (struct sockaddr *)&six, sizeof six) == 0 || errno == EINPROGRESS ? fd : -1;
	}
	strncpy(local.sun_path, address, sizeof local.sun_path - 1);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	return connect(fd, (struct sockaddr *)&local, sizeof local) == 0 ? fd : -1;
}

static void greet(int fd)
{
	static const char postgresql[] = "\0\0\0\x13\0\3\0\0user\0shop\0";
	static const char redis[] = "*1\r\n$4\r\nPING\r\n";
	char mysql[4 + 32] = {32, 0, 0, 1, 0x0d, 0x0a, 0, 0, 0, 0, 0, 1, 45};
	const char *bytes = strcmp(greeting, "postgresql") == 0 ? postgresql : strcmp(greeting, "redis") == 0 ? redis : mysql;
	size_t nbytes = bytes == postgresql ? sizeof postgresql : bytes == redis ? sizeof redis - 1 : sizeof mysql;

	if (send(fd, bytes, nbytes, MSG_NOSIGNAL) < 0)
		perror("send");
}

static void *work(void *argument)
{
	int fd = connect_socket();

	if (fd < 0)
		printf("%s: %s\n", address, strerror(errno));
	else if (greeting)
		greet(fd);
	if (fd >= 0)
		close(fd);
	return argument;
}

int main(int argc, char **argv)
{
	int first = argc > 1 && strcmp(argv[1], "-c") == 0 ? 2 : 1;
	pthread_t thread;

	if (argc < first + 1)
		return 2;
	address = argv[first];
	port = argc > first + 1 ? atoi(argv[first + 1]) : 0;
	greeting = argc > first + 2 ? argv[first + 2] : NULL;
	if (first == 2 && fork() == 0) {
		work(NULL);
		return 0;
	}
	if (first == 2)
		return wait(NULL) < 0;
	pthread_create(&thread, NULL, work, NULL);
	return pthread_join(thread, NULL);
}

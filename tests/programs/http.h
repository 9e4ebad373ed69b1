/*
 * A small HTTP/1.1 server and its client: connections are kept alive, requests and replies carry a content-length. A
 * program defines http_handle() and fires requests by http_post().
 */
#ifndef RACE_TESTS_HTTP_H
#define RACE_TESTS_HTTP_H

#include <arpa/inet.h>
#include <assert.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threads.h"

enum { HTTP_BYTES = 4096, HTTP_WORKERS = 2 };

static int http_listener, http_port;
static pid_t http_workers[HTTP_WORKERS];

/* The program's part: writes a body for a request, returns the status. */
static int http_handle(const char *method, const char *path, char *body, size_t nbytes);

/* Reads one message; 0: the connection ended before. */
static inline size_t http_read(int fd, char *message)
{
	size_t used = 0;
	for (;;) {
		ssize_t n = recv(fd, message + used, HTTP_BYTES - 1 - used, 0);
		if (n <= 0)
			return 0;
		used += (size_t)n;
		message[used] = '\0';
		const char *end = strstr(message, "\r\n\r\n"), *length = strstr(message, "Content-Length: ");
		if (end && used >= (size_t)(end + 4 - message) + (length ? strtoul(length + 16, NULL, 10) : 0))
			return used;
	}
}

static inline void http_write(int fd, const char *text, size_t nbytes)
{
	ssize_t n = send(fd, text, nbytes, MSG_NOSIGNAL);
	assert(n == (ssize_t)nbytes);
}

/* Answers the next request of a connection; false: there is none, it has ended. */
static inline bool http_answer(int fd, char *message)
{
	char method[16], path[64], body[256], head[256];

	if (http_read(fd, message) == 0)
		return false;
	int n = sscanf(message, "%15s %63s", method, path);
	assert(n == 2);
	int status = http_handle(method, path, body, sizeof body);
	int length = snprintf(head, sizeof head, "HTTP/1.1 %d Answer\r\nContent-Length: %zu\r\n\r\n", status, strlen(body));
	http_write(fd, head, (size_t)length);
	http_write(fd, body, strlen(body));
	return true;
}

/* Answers what comes on a connection until it is closed. */
static inline void http_converse(int fd)
{
	char message[HTTP_BYTES];

	while (http_answer(fd, message))
		continue;
	close(fd);
}

static inline void *http_serve_one(void *argument)
{
	http_converse((int)(intptr_t)argument);
	return NULL;
}

static inline int http_accept(void)
{
	return accept(http_listener, NULL, NULL);
}

static inline void *http_serve_threads(void *argument)
{
	for (int fd; (fd = http_accept()) >= 0;)
		pthread_detach(start(http_serve_one, (void *)(intptr_t)fd));
	return argument;
}

static inline void http_listen(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	http_listener = socket(AF_INET, SOCK_STREAM, 0);
	int error = bind(http_listener, (struct sockaddr *)&address, sizeof address) || listen(http_listener, 16) ||
		getsockname(http_listener, (struct sockaddr *)&address, &length);
	assert(!error);
	http_port = ntohs(address.sin_port);
}

/* Serves with a thread for each connection, */
static inline void http_start_threads(void)
{
	http_listen();
	pthread_detach(start(http_serve_threads, NULL));
}

/* with processes that were forked before, */
static inline void http_start_processes(void)
{
	http_listen();
	for (int i = 0; i < HTTP_WORKERS; i++) {
		http_workers[i] = fork();
		if (http_workers[i] == 0) {
			for (int fd; (fd = http_accept()) >= 0;)
				http_converse(fd);
			_exit(0);
		}
	}
}

static inline void http_watch(int set, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};
	int error = epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
	assert(!error);
}

/* An event: how many clients more there are. */
static inline int http_turn(int set, int fd)
{
	char message[HTTP_BYTES];
	bool comes = fd == http_listener;

	if (comes) {
		fd = http_accept();
		if (fd >= 0)
			http_watch(set, fd, EPOLLIN | EPOLLET);
		return fd >= 0;
	}
	if (http_answer(fd, message))
		return 0;
	close(fd);
	return -1;
}

/* An event loop. It has a minute's patience with clients that are connected and ask for nothing. */
static inline void http_loop(void)
{
	enum { PATIENCE_MS = 60000 };
	struct epoll_event event;
	int set = epoll_create1(0), nclients = 0;

	http_watch(set, http_listener, EPOLLIN);
	while (epoll_wait(set, &event, 1, nclients > 0 ? PATIENCE_MS : -1) > 0)
		nclients += http_turn(set, event.data.fd);
}

/* or with processes that have an event loop each. */
static inline void http_start_loops(void)
{
	http_listen();
	fcntl(http_listener, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < HTTP_WORKERS; i++) {
		http_workers[i] = fork();
		if (http_workers[i] == 0) {
			http_loop();
			_exit(0);
		}
	}
}

static inline void http_stop_processes(void)
{
	for (int i = 0; i < HTTP_WORKERS; i++) {
		kill(http_workers[i], SIGKILL);
		waitpid(http_workers[i], NULL, 0);
	}
}

/* Servers of the kind that this word names: threads, processes, loops. */
static inline void http_start(const char *kind)
{
	if (strcmp(kind, "loops") == 0)
		http_start_loops();
	else if (strcmp(kind, "processes") == 0)
		http_start_processes();
	else
		http_start_threads();
}

static inline void http_stop(const char *kind)
{
	if (strcmp(kind, "threads") != 0)
		http_stop_processes();
}

static inline int http_connect(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)http_port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int error = connect(fd, (struct sockaddr *)&address, sizeof address);
	assert(!error);
	return fd;
}

/* Sends a request on a connection, its body by itself; the status of the reply. */
static inline int http_ask(int fd, const char *method, const char *path)
{
	static const char body[] = "order=1";
	char message[HTTP_BYTES];
	int length = snprintf(message, sizeof message, "%s %s HTTP/1.1\r\nHost: shop\r\nContent-Length: %zu\r\n\r\n",
		method, path, strlen(body));
	http_write(fd, message, (size_t)length);
	http_write(fd, body, strlen(body));
	size_t n = http_read(fd, message);
	assert(n > 0);
	return atoi(message + 9);
}

/* The same on a connection of its own. */
static inline int http_post(const char *path)
{
	int fd = http_connect(), status = http_ask(fd, "POST", path);
	close(fd);
	return status;
}

#endif

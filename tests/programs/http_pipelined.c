/*
 * A client sends a charge and asks for the order on one connection before it reads the replies, while a webhook comes on
 * another. The server fulfils twice; what it does for the charge is not taken for what it does for the question behind
 * it, or before it.
 * race: explore -- threads
 * expect: serializability within 20
 * class: double effect
 * message: POST /webhook both read orders before either wrote it
 * race: explore -- loops
 * expect: serializability within 20
 * class: double effect
 * message: POST /charge and POST /webhook both read orders before either wrote it
 * race: explore -- threads behind
 * expect: serializability within 20
 * message: POST /charge and POST /webhook both read orders before either wrote it
 * race: explore -- loops behind
 * expect: serializability within 20
 * message: POST /charge and POST /webhook both read orders before either wrote it
 */
#include "http_shop.h"

static int http_handle(const char *method, const char *path, char *body, size_t nbytes)
{
	sqlite3 *db = shop_open();

	if (strcmp(method, "GET") == 0)
		shop_is_pending(db, 1);
	else
		fulfill(db);
	snprintf(body, nbytes, "%s", path);
	sqlite3_close(db);
	return 200;
}

/* Answers all requests that are whole, and takes them out; none has a body. */
static void answer_all(int fd, char *buffer)
{
	char method[16], path[64], body[64], reply[160];

	for (char *end; (end = strstr(buffer, "\r\n\r\n")) != NULL;) {
		int n = sscanf(buffer, "%15s %63s", method, path);
		assert(n == 2);
		int status = http_handle(method, path, body, sizeof body);
		n = snprintf(reply, sizeof reply, "HTTP/1.1 %d Answer\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body), body);
		http_write(fd, reply, (size_t)n);
		memmove(buffer, end + 4, strlen(end + 4) + 1);
	}
}

/* Reads once what there is; false: the connection has ended. */
static bool read_more(int fd, char *buffer)
{
	size_t used = strlen(buffer);
	ssize_t n = recv(fd, buffer + used, HTTP_BYTES - 1 - used, 0);

	if (n <= 0)
		return false;
	buffer[used + (size_t)n] = '\0';
	answer_all(fd, buffer);
	return true;
}

static void *serve_connection(void *argument)
{
	char buffer[HTTP_BYTES] = "";
	int fd = (int)(intptr_t)argument;

	while (read_more(fd, buffer))
		continue;
	close(fd);
	return NULL;
}

static void *serve(void *argument)
{
	for (int fd; (fd = http_accept()) >= 0;)
		pthread_detach(start(serve_connection, (void *)(intptr_t)fd));
	return argument;
}

/* An event loop that is told of changes, and believes that a read which could have got more got all. */
static void loop(void)
{
	static char buffers[64][HTTP_BYTES];
	struct epoll_event event;
	int set = epoll_create1(0);

	http_watch(set, http_listener, EPOLLIN);
	while (epoll_wait(set, &event, 1, -1) > 0) {
		int fd = event.data.fd, client = fd == http_listener ? http_accept() : -1;
		if (client >= 0)
			http_watch(set, client, EPOLLIN | EPOLLET);
		else if (fd != http_listener && !read_more(fd, buffers[fd]))
			close(fd);
	}
}

static void start_loops(void)
{
	http_listen();
	fcntl(http_listener, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < HTTP_WORKERS; i++) {
		http_workers[i] = fork();
		if (http_workers[i] == 0) {
			loop();
			_exit(0);
		}
	}
}

/* Sends these requests at once, and reads as many replies. */
static void ask(const char *requests, int nreplies)
{
	char buffer[HTTP_BYTES] = "";
	int fd = http_connect();
	size_t used = 0;

	http_write(fd, requests, strlen(requests));
	while (nreplies > 0) {
		ssize_t n = recv(fd, buffer + used, HTTP_BYTES - 1 - used, 0);
		assert(n > 0);
		used += (size_t)n;
		buffer[used] = '\0';
		int nwhole = 0;
		for (char *at = buffer; (at = strstr(at, "\r\n\r\n/")) != NULL; at++)
			nwhole++;
		if (nwhole == nreplies)
			break;
	}
	close(fd);
}

#define CHARGE "POST /charge HTTP/1.1\r\nHost: shop\r\n\r\n"
#define QUESTION "GET /orders/1 HTTP/1.1\r\nHost: shop\r\n\r\n"

static void *charge(void *argument)
{
	ask(CHARGE QUESTION, 2);
	return argument;
}

static void *charge_behind(void *argument)
{
	ask(QUESTION CHARGE, 2);
	return argument;
}

static void *webhook(void *argument)
{
	ask("POST /webhook HTTP/1.1\r\nHost: shop\r\n\r\n", 1);
	return argument;
}

int main(int argc, char **argv)
{
	bool loops = argc > 1 && strcmp(argv[1], "loops") == 0;

	shop_create();
	if (loops) {
		start_loops();
	} else {
		http_listen();
		pthread_detach(start(serve, NULL));
	}
	run_two(argc > 2 ? charge_behind : charge, webhook);
	if (loops)
		http_stop_processes();
	return 0;
}

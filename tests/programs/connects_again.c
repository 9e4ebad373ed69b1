/* A client that does not wait for its connection, and connects once more to hear how it went: it is one connection.
 * race: explore --max-executions 300
 * expect: clean
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in address = {.sin_family = AF_INET};
static int listener;

static void *serve(void *unused)
{
	int connection = accept(listener, NULL, NULL);
	char question[8];

	while (read(connection, question, sizeof question) > 0)
		if (write(connection, "ok", 2) != 2)
			abort();
	close(connection);
	return unused;
}

static void listen_somewhere(void)
{
	socklen_t length = sizeof address;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 5))
		abort();
	getsockname(listener, (struct sockaddr *)&address, &length);
}

static int connect_patiently(void)
{
	int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct pollfd query = {.fd = client, .events = POLLOUT};

	while (connect(client, (struct sockaddr *)&address, sizeof address) != 0 && errno != EISCONN)
		if (errno != EINPROGRESS || poll(&query, 1, -1) != 1)
			abort();
	if (connect(client, (struct sockaddr *)&address, sizeof address) == 0 || errno != EISCONN)
		abort();
	return client;
}

int main(void)
{
	struct pollfd query = {.events = POLLIN};
	pthread_t server;
	char answer[4];

	listen_somewhere();
	pthread_create(&server, NULL, serve, NULL);
	query.fd = connect_patiently();
	if (write(query.fd, "hi", 2) != 2 || poll(&query, 1, -1) != 1 || read(query.fd, answer, sizeof answer) != 2)
		abort();
	close(query.fd);
	pthread_join(server, NULL);
	return memcmp(answer, "ok", 2) != 0;
}

/* Messages that come in pieces, and are waited for as a whole: recv and recvmsg with MSG_WAITALL, over a pair of sockets
 * and TCP, also with MSG_PEEK, and where the other end closes before all is there. Who waits so is blocked like any other.
 * race: explore --max-executions 200
 * expect: clean
 */
#include <assert.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "threads.h"

static int writing[2], reading[2];

static void *send_pieces(void *connection)
{
	int fd = writing[(intptr_t)connection];

	assert(send(fd, "abc", 3, 0) == 3);
	assert(send(fd, "defgh", 5, 0) == 5);
	assert(send(fd, "12", 2, 0) == 2);
	assert(send(fd, "3456", 4, 0) == 4);
	assert(send(fd, "end", 3, 0) == 3);
	assert(close(fd) == 0);
	return NULL;
}

static void *receive_whole(void *connection)
{
	int fd = reading[(intptr_t)connection];
	char bytes[16], more[8];
	struct iovec vectors[3] = {{bytes, 2}, {more, 0}, {more, 4}};
	struct msghdr message = {.msg_iov = vectors, .msg_iovlen = 3};

	assert(recv(fd, bytes, 6, MSG_PEEK | MSG_WAITALL) == 6 && memcmp(bytes, "abcdef", 6) == 0);
	assert(recv(fd, bytes, 8, MSG_WAITALL) == 8 && memcmp(bytes, "abcdefgh", 8) == 0);
	assert(recvmsg(fd, &message, MSG_WAITALL) == 6 && memcmp(bytes, "12", 2) == 0 && memcmp(more, "3456", 4) == 0);
	assert(recv(fd, bytes, 16, MSG_WAITALL) == 3 && memcmp(bytes, "end", 3) == 0);
	assert(recv(fd, bytes, 16, MSG_WAITALL) == 0);
	assert(close(fd) == 0);
	return NULL;
}

static void connect_pair(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	assert(bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 1) == 0);
	assert(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
	writing[1] = socket(AF_INET, SOCK_STREAM, 0);
	assert(connect(writing[1], (struct sockaddr *)&address, length) == 0);
	reading[1] = accept(listener, NULL, NULL);
	assert(reading[1] >= 0 && close(listener) == 0);
}

int main(void)
{
	int pair[2];
	pthread_t threads[4];

	assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	writing[0] = pair[0];
	reading[0] = pair[1];
	connect_pair();
	for (intptr_t i = 0; i < 2; i++) {
		assert(pthread_create(&threads[i], NULL, receive_whole, (void *)i) == 0);
		assert(pthread_create(&threads[2 + i], NULL, send_pieces, (void *)i) == 0);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

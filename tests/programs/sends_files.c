/* One thread sends parts of a file to another, over a pair of sockets and a pipe: from a position of its own and from
 * the file's, up to the end of the file and where there is no room. Who waits for it is blocked like any other.
 * race: explore --max-executions 100
 * expect: clean
 */
#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "threads.h"

enum { FILE_BYTES = 20000 };

static int pair[2], ends[2], full[2];
static char content[FILE_BYTES];

static void *send_parts(void *file)
{
	int fd = (int)(intptr_t)file;
	off_t offset = 5;

	assert(lseek(fd, 0, SEEK_SET) == 0);
	assert(sendfile(pair[0], fd, &offset, 10) == 10 && offset == 15);
	assert(sendfile(ends[1], fd, NULL, 7) == 7 && lseek(fd, 0, SEEK_CUR) == 7);
	offset = 15;
	assert(sendfile(pair[0], fd, &offset, 1 << 20) == FILE_BYTES - 15 && offset == FILE_BYTES);
	assert(sendfile(pair[0], fd, &offset, 1) == 0);
	offset = -1;
	assert(sendfile(pair[0], fd, &offset, 1) == -1);
	close(pair[0]);
	return NULL;
}

static void receive(int fd, const char *wanted, size_t nbytes)
{
	char bytes[FILE_BYTES];
	size_t done = 0;

	while (done < nbytes) {
		ssize_t more = read(fd, bytes + done, nbytes - done);
		assert(more > 0);
		done += (size_t)more;
	}
	assert(memcmp(bytes, wanted, nbytes) == 0);
}

/* Nobody reads: it takes what there is room for, and says so. */
static void fill(int fd)
{
	ssize_t nbytes, total = 0;
	off_t offset = 0;

	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, full) == 0);
	while ((nbytes = sendfile(full[0], fd, &offset, FILE_BYTES)) > 0) {
		total += nbytes;
		offset = 0;
	}
	assert(nbytes == -1 && total > 0);
}

int main(void)
{
	char name[] = "/tmp/race_sends_XXXXXX", byte;
	pthread_t sender;
	int fd = mkstemp(name);

	unlink(name);
	for (int i = 0; i < FILE_BYTES; i++)
		content[i] = (char)(i % 251);
	assert(write(fd, content, FILE_BYTES) == FILE_BYTES);
	assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && pipe(ends) == 0);
	fill(fd);
	assert(pthread_create(&sender, NULL, send_parts, (void *)(intptr_t)fd) == 0);
	receive(ends[0], content, 7);
	receive(pair[1], content + 5, FILE_BYTES - 5);
	assert(read(pair[1], &byte, 1) == 0);
	return pthread_join(sender, NULL);
}

/* Two threads send parts of a file to a third one, the first of them two that belong together. Nothing keeps the other's
 * part from coming between them.
 * race: explore --max-executions 100
 * expect: assert within 30
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "threads.h"

static int pair[2], file;

static void send_part(off_t offset)
{
	assert(sendfile(pair[0], file, &offset, 1) == 1);
}

static void *send_two(void *unused)
{
	send_part(0);
	send_part(1);
	return unused;
}

static void *send_one(void *unused)
{
	send_part(2);
	return unused;
}

static void receive(char *bytes, size_t nbytes)
{
	for (size_t i = 0; i < nbytes; i++)
		assert(read(pair[1], bytes + i, 1) == 1);
}

int main(void)
{
	char name[] = "/tmp/race_sends_XXXXXX", bytes[4] = "";
	pthread_t two, one;

	file = mkstemp(name);
	unlink(name);
	assert(write(file, "abc", 3) == 3);
	assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	assert(pthread_create(&two, NULL, send_two, NULL) == 0);
#ifdef FIXED
	receive(bytes, 2);
#endif
	assert(pthread_create(&one, NULL, send_one, NULL) == 0);
	receive(bytes + strlen(bytes), 3 - strlen(bytes));
	assert(strstr(bytes, "ab"));
	pthread_join(two, NULL);
	return pthread_join(one, NULL);
}

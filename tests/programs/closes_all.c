/* A daemon closes all descriptors that it finds open, without knowing whose they are; what it opens then is its own.
 * race: explore --max-executions 60
 * expect: clean
 * race: explore --max-executions 60 --carrier thread --reuse fork
 * expect: clean
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "threads.h"

enum { NDESCRIPTORS = 64, NOTHING_YET = 'n' };

static int ends[2];

/* The loader's calls are what race wants to know the callers of; there is nothing to be read where they might be looked for. */
static void *load(void *unused)
{
	void *library = dlopen("libm.so.6", RTLD_NOW);

	assert(library && dlsym(library, "cos"));
	dlclose(library);
	return unused;
}

static int count_open(void)
{
	int n = 0;

	for (int fd = 3; fd < NDESCRIPTORS; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void close_all(void)
{
	for (int fd = 3; fd < NDESCRIPTORS; fd++)
		close(fd);
}

int main(void)
{
	char byte = NOTHING_YET;

	close_all();
	load(NULL);
	assert(count_open() == 0);
	close_all();
	assert(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	run_many(2, load);
	assert(recv(ends[0], &byte, 1, MSG_DONTWAIT) == -1 && recv(ends[1], &byte, 1, MSG_DONTWAIT) == -1);
	assert(byte == NOTHING_YET);
	return 0;
}

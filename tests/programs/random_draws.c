/* What a thread draws depends on the thread, not on who ran before it: every execution finds the same sum.
 * race: explore --max-executions 60
 * expect: clean
 */
#include "threads.h"

#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint64_t drawn[2];

static void *draw(void *number)
{
	uint64_t values[6] = {0}, sum = 0;

	assert(getrandom(&values[0], 8, 0) == 8);
	assert(getentropy(&values[1], 8) == 0);
	assert(syscall(SYS_getrandom, &values[2], 8, 0) == 8);
	values[3] = arc4random();
	arc4random_buf(&values[4], 8);
	values[5] = arc4random_uniform(1000);
	assert(values[5] < 1000);
	for (int i = 0; i < 6; i++) {
		for (int j = 0; j < i; j++)
			assert(values[i] != values[j]);
		sum += values[i];
		sched_yield();
	}
	drawn[(intptr_t)number] = sum;
	return NULL;
}

/* The device gives different bytes each time, by descriptor and by stream. */
static void read_device(void)
{
	char first[32], second[32], third[32];
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	FILE *stream = fopen("/dev/random", "r");

	assert(fd >= 0 && stream != NULL);
	assert(read(fd, first, sizeof first) == sizeof first && read(fd, second, sizeof second) == sizeof second);
	assert(fread(third, 1, sizeof third, stream) == sizeof third);
	assert(memcmp(first, second, sizeof first) != 0 && memcmp(first, third, sizeof first) != 0);
	close(fd);
	fclose(stream);
}

/* The device has no end: programs fill whole buffers from it. */
static void read_much(void)
{
	static char bytes[200000];
	enum { TAIL = 64 };
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	FILE *stream = fopen("/dev/urandom", "r");
	char before[TAIL];

	for (int i = 0; i < 3; i++) {
		memcpy(before, bytes + sizeof bytes - TAIL, TAIL);
		assert(read(fd, bytes, sizeof bytes) == sizeof bytes);
		assert(memcmp(before, bytes + sizeof bytes - TAIL, TAIL) != 0);
	}
	memcpy(before, bytes + sizeof bytes - TAIL, TAIL);
	assert(fread(bytes, sizeof bytes, 1, stream) == 1);
	assert(memcmp(before, bytes + sizeof bytes - TAIL, TAIL) != 0);
	for (int i = 0; i < 1000; i++)
		assert(fgetc(stream) != EOF);
	close(fd);
	fclose(stream);
}

int main(void)
{
	run_many(2, draw);
	read_device();
	read_much();
	assert(drawn[0] != drawn[1]);
	printf("%016lx %016lx\n", drawn[0], drawn[1]);
	return 0;
}

#include "kernel_thread.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Fields of /proc/PID/stat, counted as in proc(5); the first that stands behind the name is 3. */
enum { FIRST_FIELD = 3, FIELD_FLAGS = 9, FIELD_USER = 14, FIELD_SYSTEM = 15, FIELD_THREADS = 20, FIELD_STATUS = 52, NFIELDS = 53 };

/* PF_EXITING of the kernel's include/linux/sched.h, which proc(5) refers to. */
enum { FLAG_EXITING = 4 };

static ssize_t read_proc(int pid, int tid, const char *name, char *buffer, size_t nbytes)
{
	char path[96];

	snprintf(path, sizeof path, "/proc/%d/task/%d/%s", pid, tid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t length = read(fd, buffer, nbytes - 1);
	close(fd);
	buffer[length > 0 ? length : 0] = '\0';
	return length;
}

static uint64_t from_ticks(uint64_t ticks)
{
	long rate = sysconf(_SC_CLK_TCK);

	return ticks * (1000000000 / (uint64_t)(rate > 0 ? rate : 100));
}

struct kernel_thread kernel_thread_read(int pid, int tid)
{
	struct kernel_thread thread = {.state = 'X'};
	uint64_t fields[NFIELDS] = {0};
	char buffer[1024];

	if (read_proc(pid, tid, "stat", buffer, sizeof buffer) <= 0)
		return thread;
	char *at = strrchr(buffer, ')');
	if (!at || at[1] != ' ' || !at[2])
		return thread;
	thread.state = at[2];
	at += 3;
	for (int field = FIRST_FIELD + 1; field < NFIELDS; field++)
		fields[field] = strtoull(at, &at, 10);
	thread.exiting = fields[FIELD_FLAGS] & FLAG_EXITING;
	thread.alone = fields[FIELD_THREADS] <= 1;
	thread.status = (int)fields[FIELD_STATUS];
	thread.user_ns = from_ticks(fields[FIELD_USER]);
	thread.system_ns = from_ticks(fields[FIELD_SYSTEM]);
	return thread;
}

uint64_t kernel_thread_switches(int pid, int tid)
{
	char buffer[4096];
	uint64_t sum = 0;

	if (read_proc(pid, tid, "status", buffer, sizeof buffer) <= 0)
		return 0;
	for (const char *at = buffer; (at = strstr(at, "voluntary_ctxt_switches:")) != NULL; at++)
		sum += strtoull(at + strlen("voluntary_ctxt_switches:"), NULL, 10);
	return sum;
}

static bool has_signal(const char *status, const char *name, int number)
{
	const char *at = strstr(status, name);

	return at && (strtoull(at + strlen(name), NULL, 16) >> (number - 1) & 1);
}

bool kernel_thread_is_ending(int pid, int tid)
{
	struct kernel_thread thread = kernel_thread_read(pid, tid);
	char buffer[4096];

	if (thread.state == 'Z' || thread.state == 'X' || thread.exiting)
		return true;
	return read_proc(pid, tid, "status", buffer, sizeof buffer) <= 0 || has_signal(buffer, "\nSigPnd:\t", SIGKILL);
}

bool kernel_thread_takes(int pid, int tid, int number)
{
	char buffer[4096];

	if (read_proc(pid, tid, "status", buffer, sizeof buffer) <= 0)
		return false;
	return has_signal(buffer, "\nSigCgt:\t", number) && !has_signal(buffer, "\nSigBlk:\t", number) &&
		!has_signal(buffer, "\nSigPnd:\t", number);
}

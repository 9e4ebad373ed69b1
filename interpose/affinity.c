#include "affinity.h"

#include "call.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "sys.h"

enum { WORDS = sizeof control->affinity / sizeof *control->affinity };

/* What the program asked for, by task; those without a wish have that of the task which made them. */
static struct wish {
	bool set;
	uint64_t mask[WORDS];
} wishes[LIMIT_TASKS];

/* Processors in use before we pinned: some versions of the C library count those that the process may run on. */
static int nprocessors;
static int (*genuine_get_nprocs)(void);

void affinity_pin(void)
{
	uint64_t mask[WORDS] = {0};
	uint32_t cpu = control->settings.cpu;

	nprocessors = genuine_get_nprocs();
	if (cpu >= WORDS * 64)
		return;
	if (control->naffinity_bytes == 0) { /* else an earlier image of this process has pinned us */
		long nbytes = sys_call3(SYS_sched_getaffinity, 0, sizeof control->affinity, (long)control->affinity);
		if (nbytes <= 0)
			return;
		control->naffinity_bytes = (uint32_t)nbytes;
		control->nprocessors = (uint32_t)nprocessors;
	}
	nprocessors = (int)control->nprocessors;
	mask[cpu / 64] = 1ULL << cpu % 64;
	sys_call3(SYS_sched_setaffinity, 0, sizeof mask, (long)mask);
}

static bool is_pinned(void)
{
	return control->naffinity_bytes != 0;
}

/* The task of this process with that kernel id; 0: nobody of ours. */
static uint32_t task_of(int tid)
{
	return tid == 0 ? self.task : task_by_tid(tid);
}

static const uint64_t *mask_of(uint32_t task)
{
	for (; task != 0; task = control->world.tasks[task].parent)
		if (wishes[task].set)
			return wishes[task].mask;
	return control->affinity;
}

/* As the system calls: bytes written, 0, or a negative errno. */
static long get(uint32_t task, size_t nbytes, void *mask)
{
	size_t length = control->naffinity_bytes;

	if (nbytes < length || nbytes % sizeof(uint64_t) != 0)
		return -EINVAL;
	memcpy(mask, mask_of(task), length);
	return (long)length;
}

static long set(uint32_t task, size_t nbytes, const void *mask)
{
	uint64_t wanted[WORDS] = {0}, any = 0;

	memcpy(wanted, mask, nbytes < sizeof wanted ? nbytes : sizeof wanted);
	for (int i = 0; i < WORDS; i++)
		any |= wanted[i] &= control->affinity[i];
	if (any == 0)
		return -EINVAL;
	wishes[task].set = true;
	memcpy(wishes[task].mask, wanted, sizeof wanted);
	return 0;
}

long affinity_get(int tid, size_t nbytes, void *mask)
{
	uint32_t task = is_pinned() ? task_of(tid) : 0;

	if (task == 0)
		return sys_call3(SYS_sched_getaffinity, tid, (long)nbytes, (long)mask);
	return get(task, nbytes, mask);
}

/* The library's calls clear what the kernel leaves of the mask. */
static int cleared(long length, size_t nbytes, void *mask)
{
	if (length < 0)
		return (int)-length;
	memset((char *)mask + length, 0, nbytes - (size_t)length);
	return 0;
}

INTERPOSE(int, sched_getaffinity, (pid_t pid, size_t nbytes, cpu_set_t *mask), (pid, nbytes, mask))
{
	return call_errno(cleared(affinity_get(pid, nbytes, mask), nbytes, mask));
}

INTERPOSE(int, sched_setaffinity, (pid_t pid, size_t nbytes, const cpu_set_t *mask), (pid, nbytes, mask))
{
	uint32_t task = is_pinned() ? task_of(pid) : 0;

	if (task == 0)
		return genuine_sched_setaffinity(pid, nbytes, mask) == 0 ? 0 : call_error(errno);
	return call_errno(-set(task, nbytes, mask));
}

static uint32_t task_of_thread(pthread_t thread)
{
	return thread == pthread_self() ? self.task : task_by_handle(thread);
}

INTERPOSE(int, pthread_getaffinity_np, (pthread_t thread, size_t nbytes, cpu_set_t *mask), (thread, nbytes, mask))
{
	uint32_t task = is_pinned() ? task_of_thread(thread) : 0;

	if (task == 0)
		return genuine_pthread_getaffinity_np(thread, nbytes, mask);
	return cleared(get(task, nbytes, mask), nbytes, mask);
}

INTERPOSE(int, pthread_setaffinity_np, (pthread_t thread, size_t nbytes, const cpu_set_t *mask),
	(thread, nbytes, mask))
{
	uint32_t task = is_pinned() ? task_of_thread(thread) : 0;

	if (task == 0)
		return genuine_pthread_setaffinity_np(thread, nbytes, mask);
	return (int)-set(task, nbytes, mask);
}

/* A task runs on the first of the processors that it may run on, whichever all are kept on: the same every time. */
static unsigned int processor_of(uint32_t task)
{
	const uint64_t *mask = mask_of(task);

	for (unsigned int i = 0; i < WORDS; i++)
		if (mask[i] != 0)
			return i * 64 + (unsigned int)__builtin_ctzll(mask[i]);
	return 0;
}

long affinity_locate(unsigned int *processor, unsigned int *node)
{
	if (!is_pinned())
		return sys_call3(SYS_getcpu, (long)processor, (long)node, 0);
	if (processor)
		*processor = processor_of(self.task);
	if (node)
		*node = 0;
	return 0;
}

INTERPOSE(int, sched_getcpu, (void), ())
{
	unsigned int processor = 0;
	long error = affinity_locate(&processor, NULL);

	return error ? call_error((int)-error) : (int)processor;
}

INTERPOSE(int, getcpu, (unsigned int *processor, unsigned int *node), (processor, node))
{
	return call_errno(-affinity_locate(processor, node));
}

INTERPOSE_TABLE(get_nprocs, LIBC, NULL);
INTERPOSE_EXPORT int get_nprocs(void);

int get_nprocs(void)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};

	if (!guard_enter(&guard, &entry_get_nprocs, __builtin_return_address(0)))
		return genuine_get_nprocs();
	return nprocessors;
}

INTERPOSE(long, sysconf, (int name), (name))
{
	if (name == _SC_NPROCESSORS_ONLN)
		return nprocessors;
	call_user_begin();
	long value = genuine_sysconf(name);
	call_user_end();
	return value;
}

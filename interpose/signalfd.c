#include "signalfd.h"

#include "call.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "await.h"
#include "channel.h"
#include "idle.h"
#include "shared/post.h"
#include "signal.h"
#include "snapshot.h"
#include "sys.h"

enum { DESCRIPTORS = 16, SIGNAL_BYTES = 8 };

static struct descriptor {
	bool used;
	int fd;
	uint32_t object; /* the channel that it is */
	uint64_t mask;
	uint64_t told;   /* signals that were there when it was made readable */
} descriptors[DESCRIPTORS];

static uint32_t ndescriptors; /* used so far */

bool signalfd_exists(void)
{
	return ndescriptors > 0;
}

static uint32_t object_of(int fd)
{
	uint32_t object;

	return channel_of(fd, &object) == CHANNEL_INSIDE ? object : 0;
}

static struct descriptor *find(int fd)
{
	uint32_t object = ndescriptors > 0 ? object_of(fd) : 0;

	for (uint32_t i = 0; object && i < ndescriptors; i++)
		if (descriptors[i].used && descriptors[i].object == object)
			return &descriptors[i];
	return NULL;
}

bool signalfd_is(int fd)
{
	return find(fd) != NULL;
}

/* Of a child that is controlled the model tells, when it has ended there. */
static bool has_strangers(void)
{
	for (uint32_t i = 1; i <= control->world.ntasks; i++)
		if ((control->world.tasks[i].flags & TASK_STRANGER) && control->world.tasks[i].state != TASK_ENDED)
			return true;
	return false;
}

/* What the kernel holds beside the world: sent from outside. */
static uint64_t from_outside(void)
{
	uint64_t bits = 0;

	sys_call3(SYS_rt_sigpending, (long)&bits, sizeof bits, 0);
	return has_strangers() ? bits : bits & ~post_bit(SIGCHLD);
}

static uint64_t readable(uint64_t mask)
{
	return (task_self()->signals | control->world.processes[control_process].signals | from_outside()) & mask;
}

/* A signal that has come since is told again, for those who want to hear of changes only. */
static void settle(struct descriptor *descriptor)
{
	uint64_t signals = readable(descriptor->mask), one = 1;
	struct pollfd query = {.fd = descriptor->fd, .events = POLLIN};
	bool is = sys_call3(SYS_poll, (long)&query, 1, 0) > 0;

	if (signals && (!is || (signals & ~descriptor->told)))
		sys_call3(SYS_write, descriptor->fd, (long)&one, sizeof one);
	if (!signals && is)
		sys_call3(SYS_read, descriptor->fd, (long)&one, sizeof one);
	descriptor->told = signals;
}

void signalfd_settle(void)
{
	for (uint32_t i = 0; i < ndescriptors; i++) {
		struct descriptor *descriptor = &descriptors[i];
		if (descriptor->used && object_of(descriptor->fd) != descriptor->object)
			descriptor->used = false; /* it was closed */
		if (descriptor->used)
			settle(descriptor);
	}
}

void signalfd_poll(struct pollfd *fds, nfds_t nfds)
{
	enum { MOMENT_MS = 1 };

	do
		signalfd_settle();
	while (sys_call3(SYS_poll, (long)fds, (long)nfds, signalfd_exists() ? MOMENT_MS : -1) == 0);
}

struct reading {
	struct external external;
	const struct descriptor *descriptor;
	const struct iovec *vectors;
	int nvectors;
	size_t room; /* signals */
	bool never;  /* non-blocking */
};

static bool is_ready(struct external *external)
{
	const struct reading *reading = (const struct reading *)external;

	return reading->never || readable(reading->descriptor->mask) != 0;
}

static void fill_child(struct signalfd_siginfo *out)
{
	const struct world *world = &control->world;

	for (uint32_t i = 1; i <= world->nprocesses; i++) {
		const struct process *process = &world->processes[i];
		if (process->parent != control_process || process->state != PROCESS_ZOMBIE)
			continue;
		out->ssi_pid = (uint32_t)process->pid;
		out->ssi_code = WIFSIGNALED(process->status) ? CLD_KILLED : CLD_EXITED;
		out->ssi_status = WIFSIGNALED(process->status) ? WTERMSIG(process->status) : WEXITSTATUS(process->status);
	}
}

/* What the kernel knows of the signal it says, where it holds it, too. */
static struct signalfd_siginfo take(int number)
{
	struct process *process = &control->world.processes[control_process];
	struct signalfd_siginfo out = {.ssi_signo = (uint32_t)number, .ssi_code = SI_USER};
	siginfo_t known = {0};
	uint64_t bit = post_bit(number);

	if (task_self()->signals & bit)
		task_self()->signals &= ~bit;
	else
		process->signals &= ~bit;
	out.ssi_pid = (uint32_t)getpid();
	out.ssi_uid = getuid();
	if (signal_take(number, &known)) {
		out.ssi_code = known.si_code;
		out.ssi_pid = (uint32_t)known.si_pid;
		out.ssi_uid = known.si_uid;
		out.ssi_status = number == SIGCHLD ? known.si_status : 0;
		out.ssi_int = number == SIGCHLD ? 0 : known.si_value.sival_int;
	} else if (number == SIGCHLD) {
		fill_child(&out);
	}
	return out;
}

/* Writes into the vectors, one behind the other. */
static void put(const struct reading *reading, size_t at, const void *bytes, size_t nbytes)
{
	const char *from = (const char *)bytes;

	for (int i = 0; i < reading->nvectors && nbytes > 0; i++) {
		const struct iovec *vector = &reading->vectors[i];
		if (at >= vector->iov_len) {
			at -= vector->iov_len;
			continue;
		}
		size_t part = vector->iov_len - at < nbytes ? vector->iov_len - at : nbytes;
		memcpy((char *)vector->iov_base + at, from, part);
		from += part;
		nbytes -= part;
		at = 0;
	}
}

/* A thread's own signals come before those of its process, each in the order of their numbers. */
static uint64_t next_of(uint64_t mask)
{
	uint64_t own = task_self()->signals & mask;

	return own ? own : readable(mask);
}

static bool attempt(struct external *external)
{
	struct reading *reading = (struct reading *)external;
	uint64_t mask = reading->descriptor->mask, bits, done = 0;
	size_t n = 0;

	while (n < reading->room && (bits = next_of(mask)) != 0) {
		int number = __builtin_ctzll(bits) + 1;
		struct signalfd_siginfo information = take(number);
		put(reading, n++ * sizeof information, &information, sizeof information);
		done |= post_bit(number);
	}
	if (n == 0 && !reading->never)
		return false;
	external->result = n ? (int64_t)(n * sizeof(struct signalfd_siginfo)) : -EAGAIN;
	external->digest = done;
	external->unchanged = n == 0;
	return true;
}

static bool sleep_ready(struct external *external)
{
	struct pollfd query = {.fd = ((struct reading *)external)->descriptor->fd, .events = POLLIN};

	signalfd_poll(&query, 1);
	return false;
}

ssize_t signalfd_read(int fd, const struct iovec *vectors, int nvectors, bool guarded)
{
	struct descriptor *descriptor = find(fd);
	struct reading reading = {
		.external = {.request = call_request(OP_PIPE_READ, descriptor->object), .is_ready = is_ready,
			.attempt = attempt, .sleep = sleep_ready},
		.descriptor = descriptor, .vectors = vectors, .nvectors = nvectors, .never = await_never(fd),
	};
	size_t nbytes = 0;

	for (int i = 0; i < nvectors; i++)
		nbytes += vectors[i].iov_len;
	reading.room = nbytes / sizeof(struct signalfd_siginfo);
	if (reading.room == 0)
		return -EINVAL;
	reading.external.request.flags = guarded ? REQUEST_GUARDED : 0;
	int error = await_external(&reading.external, true);
	if (reading.never)
		idle_try(descriptor->object, reading.external.result == -EAGAIN);
	return error ? -error : reading.external.result;
}

static struct descriptor *free_descriptor(void)
{
	signalfd_settle();
	for (uint32_t i = 0; i < ndescriptors; i++)
		if (!descriptors[i].used)
			return &descriptors[i];
	return ndescriptors < DESCRIPTORS ? &descriptors[ndescriptors++] : NULL;
}

static int make(uint64_t mask, int flags)
{
	struct descriptor *descriptor = free_descriptor();
	int event_flags = (flags & SFD_NONBLOCK ? EFD_NONBLOCK : 0) | (flags & SFD_CLOEXEC ? EFD_CLOEXEC : 0);

	if (!descriptor) {
		control_limit(LIMIT_ID_CHANNELS, self.site);
		return -EMFILE;
	}
	snapshot_opened();
	long fd = sys_call3(SYS_eventfd2, 0, event_flags, 0);
	if (fd < 0)
		return (int)fd;
	channel_forget((unsigned int)fd, (unsigned int)fd);
	*descriptor = (struct descriptor){.used = true, .fd = (int)fd, .mask = mask};
	descriptor->object = channel_new((int)fd);
	control->world.processes[control_process].watched |= mask;
	return (int)fd;
}

int signalfd_make(int fd, const void *mask, size_t nbytes, int flags)
{
	uint64_t bits;

	if (nbytes != SIGNAL_BYTES || (flags & ~(SFD_NONBLOCK | SFD_CLOEXEC)))
		return -EINVAL;
	memcpy(&bits, mask, sizeof bits);
	bits &= ~(post_bit(SIGKILL) | post_bit(SIGSTOP));
	if (fd == -1)
		return make(bits, flags);
	struct descriptor *descriptor = find(fd);
	if (!descriptor)
		return sys_call3(SYS_fcntl, fd, F_GETFD, 0) < 0 ? -EBADF : -EINVAL;
	descriptor->mask = bits;
	control->world.processes[control_process].watched |= bits;
	channel_touch(descriptor->object);
	return fd;
}

INTERPOSE(int, signalfd, (int fd, const sigset_t *mask, int flags), (fd, mask, flags))
{
	return (int)call_result(signalfd_make(fd, mask, SIGNAL_BYTES, flags));
}

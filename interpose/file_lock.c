#include "file_lock.h"

#include "call.h"

#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "await.h"
#include "idle.h"
#include "shared/decimal.h"
#include "shared/model/file_lock.h"
#include "shared/model/model.h"
#include "snapshot.h"
#include "sys.h"

/* Record locks and flock's don't know of each other: they are two objects of one file. */
enum flavour { FLAVOUR_RECORD = 1, FLAVOUR_FLOCK };

enum { PATH_BYTES = 512 };

struct lock {
	struct external external;
	int fd, command;     /* of fcntl, waiting or not; 0: flock */
	int how;             /* of flock */
	struct flock *range;
};

bool file_lock_is_command(int command)
{
	return command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
}

static uint64_t key_of(int fd, enum flavour flavour)
{
	struct stat status;

	if (sys_call3(SYS_fstat, fd, (long)&status, 0) < 0)
		return 0;
	uint64_t key = (status.st_dev * 0x9e3779b97f4a7c15ULL ^ status.st_ino) * 0xbf58476d1ce4e5b9ULL;
	return (key ^ key >> 29) + flavour;
}

uint32_t file_lock_of(int fd)
{
	const struct world *world = &control->world;
	uint64_t key = key_of(fd, 0);

	for (int flavour = FLAVOUR_RECORD; key && flavour <= FLAVOUR_FLOCK; flavour++) {
		uint32_t object = world_object_find(world, OBJECT_FILE_LOCK, 0, key + (uint64_t)flavour);
		if (object && file_lock_is_held(world, object, control_process))
			return object;
	}
	return 0;
}

static struct lock *lock_of(struct external *external)
{
	return (struct lock *)external;
}

static bool is_posix(int command)
{
	return command == F_SETLK || command == F_SETLKW;
}

static uint32_t live_process(pid_t pid)
{
	const struct world *world = &control->world;

	for (uint32_t i = 1; i <= world->nprocesses; i++)
		if (world->processes[i].pid == pid && world->processes[i].state == PROCESS_LIVE)
			return i;
	return 0;
}

/* Asks the kernel who is in the way. False: nobody. *process: whose record lock it is, as far as it is ours. */
static bool is_blocked(struct lock *lock, uint32_t *process)
{
	struct flock range = *lock->range;

	*process = 0;
	if (sys_call3(SYS_fcntl, lock->fd, is_posix(lock->command) ? F_GETLK : F_OFD_GETLK, (long)&range) < 0)
		return false; /* the attempt will say what is wrong */
	if (range.l_type != F_UNLCK && range.l_pid > 0)
		*process = live_process(range.l_pid);
	return range.l_type != F_UNLCK;
}

/* Notes for whom the task will wait. False: it must not, the kernel would refuse. */
static bool note_blocker(struct lock *lock, uint32_t process)
{
	struct world *world = &control->world;
	struct request *request = &lock->external.request;

	request->second = process ? world->processes[process].object : 0;
	request->flags &= (uint16_t)~REQUEST_OUTSIDE;
	if (process == 0 && !file_lock_is_held(world, request->object, 0))
		request->flags |= REQUEST_OUTSIDE;
	return !is_posix(lock->command) || !file_lock_is_circle(world, control_process, process);
}

static bool is_ready(struct external *external)
{
	struct lock *lock = lock_of(external);
	uint32_t process;

	if (lock->command == 0) /* whether flock would wait is known when it has been tried */
		return true;
	return !is_blocked(lock, &process) || !note_blocker(lock, process);
}

static bool ended(struct external *external, long result)
{
	external->result = -result;
	external->unchanged = result != 0;
	return true;
}

static bool attempt_record(struct external *external)
{
	struct lock *lock = lock_of(external);
	int command = lock->command == F_SETLKW ? F_SETLK : F_OFD_SETLK;
	long result = sys_call3(SYS_fcntl, lock->fd, command, (long)lock->range);
	uint32_t process;

	if (result != -EAGAIN && result != -EACCES)
		return ended(external, result);
	is_blocked(lock, &process);
	return !note_blocker(lock, process) && ended(external, -EDEADLK);
}

/* A conversion gives the old lock back even when it fails. */
static bool attempt_flock(struct external *external)
{
	struct lock *lock = lock_of(external);
	long result = sys_call3(SYS_flock, lock->fd, lock->how | LOCK_NB, 0);

	if (result != -EWOULDBLOCK)
		return ended(external, result);
	file_lock_drop(&control->world, external->request.object, control_process);
	note_blocker(lock, 0);
	return false;
}

static bool sleep_locked(struct external *external)
{
	struct lock *lock = lock_of(external);
	long result = lock->command ? sys_call3(SYS_fcntl, lock->fd, lock->command, (long)lock->range)
				    : sys_call3(SYS_flock, lock->fd, lock->how, 0);

	return result != -EINTR && ended(external, result);
}

/* A positive errno, or 0. */
static int wait_locked(struct lock *lock)
{
	snapshot_lock(lock->fd);
	lock->external.is_ready = is_ready;
	lock->external.attempt = lock->command ? attempt_record : attempt_flock;
	lock->external.sleep = sleep_locked;
	int error = await_external(&lock->external, true);
	return error ? error : (int)lock->external.result;
}

/* Locks without waiting, or unlocks: a positive errno, or 0. */
static int perform(struct lock *lock)
{
	const struct request *request = &lock->external.request;

	snapshot_lock(lock->fd);
	point_announce(request);
	long result = lock->command ? sys_call3(SYS_fcntl, lock->fd, lock->command, (long)lock->range)
				    : sys_call3(SYS_flock, lock->fd, lock->how, 0);
	if (result == 0)
		point_apply();
	point_done(-result, 0);
	if (request->op == OP_FILE_TRYLOCK)
		idle_try(request->object, result != 0);
	return (int)-result;
}

/* The object of this lock; the file's path is its name. */
static uint32_t object_of(int fd, uint64_t key)
{
	char link[40] = "/proc/self/fd/", path[PATH_BYTES];
	uint32_t object = world_object_find(&control->world, OBJECT_FILE_LOCK, 0, key);

	if (object)
		return object;
	*decimal_write(link + strlen(link), (unsigned int)fd) = '\0';
	long length = sys_call(SYS_readlinkat, AT_FDCWD, (long)link, (long)path, sizeof path - 1, 0, 0);
	path[length > 0 ? length : 0] = '\0';
	return object_global(OBJECT_FILE_LOCK, key, path);
}

static int lock_file(struct lock *lock, enum op op, enum flavour flavour, bool exclusive)
{
	uint64_t key = key_of(lock->fd, flavour);

	if (key == 0)
		return call_error(EBADF);
	lock->external.request = call_request(op, object_of(lock->fd, key));
	lock->external.request.argument = (exclusive ? MODEL_FILE_EXCLUSIVE : 0) |
		(is_posix(lock->command) ? MODEL_FILE_POSIX : 0);
	return call_errno(op == OP_FILE_LOCK ? wait_locked(lock) : perform(lock));
}

int file_lock_fcntl(int fd, int command, struct flock *range)
{
	struct lock lock = {.fd = fd, .command = command, .range = range};
	enum op op = command == F_SETLK || command == F_OFD_SETLK ? OP_FILE_TRYLOCK : OP_FILE_LOCK;

	if (range->l_type == F_UNLCK)
		op = OP_FILE_UNLOCK;
	return lock_file(&lock, op, FLAVOUR_RECORD, range->l_type == F_WRLCK);
}

/* SQLite's own are its business. */
void file_lock_observed(void *caller)
{
	int error = errno;

	if (!observed_is_guarded((uint64_t)(uintptr_t)caller))
		observe_note(SEEN_FILE_LOCKS);
	errno = error;
}

#define LOCK_OBSERVED(call) ({ \
		file_lock_observed(__builtin_return_address(0)); \
		call; \
	})

INTERPOSE(int, flock, (int fd, int how), (fd, how), LOCK_OBSERVED(genuine_flock(fd, how)))
{
	struct lock lock = {.fd = fd, .how = how};
	enum op op = how & LOCK_NB ? OP_FILE_TRYLOCK : OP_FILE_LOCK;

	if ((how & ~LOCK_NB) == LOCK_UN)
		op = OP_FILE_UNLOCK;
	return lock_file(&lock, op, FLAVOUR_FLOCK, how & LOCK_EX);
}

static int lock_section(int fd, int command, off_t length, int (*genuine)(int, int, off_t))
{
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_len = length};

	switch (command) {
	case F_ULOCK:
		range.l_type = F_UNLCK;
		return file_lock_fcntl(fd, F_SETLK, &range);
	case F_LOCK:
		return file_lock_fcntl(fd, F_SETLKW, &range);
	case F_TLOCK:
		return file_lock_fcntl(fd, F_SETLK, &range);
	default: {
		int result = genuine(fd, command, length);
		return result == 0 ? 0 : call_error(errno);
	}
	}
}

INTERPOSE(int, lockf, (int fd, int command, off_t length), (fd, command, length),
	LOCK_OBSERVED(genuine_lockf(fd, command, length)))
{
	return lock_section(fd, command, length, genuine_lockf);
}

INTERPOSE(int, lockf64, (int fd, int command, off64_t length), (fd, command, length),
	LOCK_OBSERVED(genuine_lockf64(fd, command, length)))
{
	return lock_section(fd, command, length, genuine_lockf64);
}

#include "channel.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "control.h"
#include "object.h"
#include "serving.h"
#include "shared/decimal.h"
#include "shared/delivery.h"
#include "snapshot.h"
#include "sys.h"
#include "task.h"

enum { NUMBERS = 4096, INFO_BYTES = 1024, LIST_BYTES = 2048, PIPE_FILES = 0x50495045 /* PIPEFS_MAGIC */ };

/*
 * Descriptors without an inode of their own (eventfd, epoll, timerfd), by number: asking the kernel what they are is
 * dear. Numbers that are closed inside the C library keep their entry until they are used again by a call we see.
 */
static struct number {
	uint8_t kind;     /* enum channel_kind; CHANNEL_NONE: not known */
	uint32_t object;
	uint64_t plan;    /* objects are those of one execution */
} numbers[NUMBERS];

static uint64_t mix(uint64_t device, uint64_t number)
{
	uint64_t value = (device ^ number * 0x9e3779b97f4a7c15ULL) + 0x9e3779b97f4a7c15ULL;

	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
	return value ^ value >> 27;
}

static bool look(int fd, struct stat *status)
{
	return sys_call3(SYS_fstat, fd, (long)status, 0) == 0;
}

uint64_t channel_identity(int fd)
{
	struct stat status;

	return look(fd, &status) ? mix(status.st_dev, status.st_ino) : 0;
}

static struct number *number_of(int fd)
{
	return fd >= 0 && fd < NUMBERS ? &numbers[fd] : NULL;
}

/* "N: 17" behind the name in a text of the kernel's; -1: not there. */
static int64_t field_of(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	uint64_t value;

	if (!at)
		return -1;
	for (at += strlen(name); *at == ' ' || *at == '\t';)
		at++;
	decimal_read(at, NULL, &value);
	return (int64_t)(value & INT64_MAX);
}

int channel_open_info(int fd)
{
	char path[40] = "/proc/self/fdinfo/";

	*decimal_write(path + strlen(path), (unsigned int)fd) = '\0';
	return (int)sys_open(path, O_RDONLY | O_CLOEXEC, 0);
}

static void read_info(int fd, char *text, size_t nbytes)
{
	int info = channel_open_info(fd);
	long length = info < 0 ? 0 : sys_read(info, text, nbytes - 1);
	text[length > 0 ? length : 0] = '\0';
	if (info >= 0)
		sys_close(info);
}

/* The key of an eventfd; kernels that give it no number have all of them in one. 0: it is none. */
static uint64_t event_key(const char *text, const struct stat *status)
{
	if (field_of(text, "eventfd-count:") < 0)
		return 0;
	return mix(status->st_dev, 1ULL << 63 | (uint64_t)field_of(text, "eventfd-id:"));
}

static uint32_t stands_for(uint32_t object)
{
	uint32_t other = control->world.objects[object].limit;

	return other ? other : object;
}

static uint32_t find(uint64_t key)
{
	uint32_t object = world_object_find(&control->world, OBJECT_CHANNEL, 0, key);

	return object ? stands_for(object) : 0;
}

static void remember(int fd, enum channel_kind kind, uint32_t object)
{
	struct number *number = number_of(fd);

	if (number)
		*number = (struct number){.kind = (uint8_t)kind, .object = object, .plan = control->world.plan};
}

/* Looks at what has no inode of its own: what is none of these tells of something else than tasks (signals, files). */
static enum channel_kind inspect(int fd, const struct stat *status, uint32_t *object)
{
	struct number *number = number_of(fd);
	char text[INFO_BYTES];
	enum channel_kind kind = CHANNEL_OUTSIDE;

	if (number && number->kind != CHANNEL_NONE && number->plan == control->world.plan) {
		*object = number->object;
		return number->kind;
	}
	read_info(fd, text, sizeof text);
	uint64_t key = event_key(text, status);
	if (key) {
		*object = find(key);
		if (*object)
			kind = CHANNEL_INSIDE;
	} else if (field_of(text, "tfd:") >= 0) {
		kind = CHANNEL_SET;
	}
	remember(fd, kind, *object);
	return kind;
}

static enum channel_kind named_pipe(int fd, uint64_t key, uint32_t *object)
{
	struct statfs files;

	if (sys_call3(SYS_fstatfs, fd, (long)&files, 0) < 0 || files.f_type == PIPE_FILES)
		return CHANNEL_OUTSIDE;
	*object = object_global(OBJECT_CHANNEL, key, "");
	control->world.objects[*object].flags |= OBJECT_OUTSIDE;
	return CHANNEL_INSIDE;
}

enum channel_kind channel_of(int fd, uint32_t *object)
{
	struct stat status;

	*object = 0;
	if (!look(fd, &status))
		return CHANNEL_NONE;
	snapshot_use(fd);
	uint64_t key = mix(status.st_dev, status.st_ino);
	switch (status.st_mode & S_IFMT) {
	case S_IFIFO:
		*object = find(key);
		return *object ? CHANNEL_INSIDE : named_pipe(fd, key, object);
	case S_IFSOCK:
		*object = find(key);
		return *object ? CHANNEL_INSIDE : CHANNEL_SOCKET;
	case S_IFCHR:
		return CHANNEL_OUTSIDE;
	case 0:
		return inspect(fd, &status, object);
	default:
		return CHANNEL_NONE;
	}
}

uint32_t channel_end(int fd, uint32_t object)
{
	struct stat status;

	if (!look(fd, &status) || !S_ISSOCK(status.st_mode))
		return object;
	uint32_t end = world_object_find(&control->world, OBJECT_CHANNEL, 0, mix(status.st_dev, status.st_ino));
	return end ? end : object;
}

/* The number of something that is gone may be used again: what it stood for ends here. */
static uint32_t new_channel(uint64_t key)
{
	uint32_t old = world_object_find(&control->world, OBJECT_CHANNEL, 0, key);

	if (old)
		control->world.objects[old].flags |= OBJECT_DESTROYED;
	return object_global(OBJECT_CHANNEL, key, "");
}

uint32_t channel_new(int fd)
{
	struct stat status;
	char text[INFO_BYTES];
	uint32_t object = 0;

	if (!look(fd, &status))
		return 0;
	if ((status.st_mode & S_IFMT) != 0)
		return new_channel(mix(status.st_dev, status.st_ino));
	read_info(fd, text, sizeof text);
	uint64_t key = event_key(text, &status);
	if (key) {
		object = new_channel(key);
		remember(fd, CHANNEL_INSIDE, object);
	}
	return object;
}

uint64_t channel_key(uint64_t kind, uint64_t number)
{
	return mix(~kind, number); /* no device has such a number */
}

uint32_t channel_by_key(uint64_t key, bool make)
{
	uint32_t object = find(key);

	return object || !make ? object : new_channel(key);
}

void channel_alias(uint64_t key, uint32_t object)
{
	control->world.objects[new_channel(key)].limit = object;
}

void channel_join(int fd, uint32_t object)
{
	struct stat status;

	if (look(fd, &status))
		channel_alias(mix(status.st_dev, status.st_ino), object);
}

void channel_pair(int fd, int other)
{
	struct stat left, right;

	if (!look(fd, &left) || !look(other, &right))
		return;
	channel_alias(mix(right.st_dev, right.st_ino), new_channel(mix(left.st_dev, left.st_ino)));
}

/* A timer has no identity that the kernel would tell: it is known by who made it when. */
void channel_mark(int fd, enum channel_kind kind)
{
	static uint64_t nmarked;

	remember(fd, kind, kind == CHANNEL_TIMER ? new_channel(mix(task_self()->identity, ~nmarked)) : 0);
	nmarked++;
}

void channel_forget(unsigned int first, unsigned int last)
{
	for (unsigned int fd = first; fd <= last && fd < NUMBERS; fd++)
		numbers[fd].kind = CHANNEL_NONE;
}

void channel_touch(uint32_t object)
{
	struct world *world = &control->world;

	world->channel_changes++;
	world->progress++;
	if (!object)
		return;
	world->objects[object].version++;
	delivery_use(world, object, task_self()->id, false);
}

bool channel_is_ready(int fd, short events)
{
	struct pollfd query = {.fd = fd, .events = events};

	if (sys_call3(SYS_poll, (long)&query, 1, 0) <= 0)
		return false;
	return !(events & POLLIN) || !serving_is_held(fd);
}

struct entry { /* linux_dirent64 */
	uint64_t inode, offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

static int number_in(const char *name)
{
	uint64_t number;

	return decimal_read(name, NULL, &number) == name || number > INT32_MAX ? -1 : (int)number;
}

void channel_each(unsigned int first, unsigned int last, void (*visit)(int fd, void *state), void *state)
{
	char list[LIST_BYTES] __attribute__((aligned(8)));
	long folder = sys_open("/proc/self/fd", O_RDONLY | O_DIRECTORY, 0), length;

	if (folder < 0)
		return;
	while ((length = sys_call3(SYS_getdents64, folder, (long)list, sizeof list)) > 0) {
		for (long at = 0; at < length;) {
			const struct entry *entry = (const struct entry *)(list + at);
			int fd = number_in(entry->name);
			at += entry->length;
			if (fd >= 0 && fd != folder && (unsigned int)fd >= first && (unsigned int)fd <= last)
				visit(fd, state);
		}
	}
	sys_close((int)folder);
}

static void touch_one(int fd, void *state)
{
	uint32_t object;

	if (*(bool *)state && !(sys_call3(SYS_fcntl, fd, F_GETFD, 0) & FD_CLOEXEC))
		return;
	if (channel_of(fd, &object) == CHANNEL_INSIDE)
		channel_touch(object);
}

void channel_touch_all(bool cloexec)
{
	channel_each(0, ~0u, touch_one, &cloexec);
}

static void close_one(int fd, void *state)
{
	(void)state;
	sys_close(fd);
}

void channel_leave(void)
{
	channel_touch_all(false);
	if (sys_call3(SYS_close_range, 0, ~0u, 0) < 0)
		channel_each(0, ~0u, close_one, NULL);
}

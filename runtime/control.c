#include "control.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "debugger.h"
#include "environment.h"
#include "record.h"
#include "reuse.h"
#include "say.h"
#include "self.h"
#include "shared/decimal.h"
#include "sys.h"

struct control *control;
uint32_t control_mode = CONTROL_PASS;
uint16_t control_process;
uint32_t control_task;
int control_fd = -1;

/* Which file the block is: its descriptor may be closed behind our back, and the number used for another. */
static dev_t block_device;
static ino_t block_inode;

__thread struct self self __attribute__((tls_model("initial-exec")));

static int parse_number(const char *text)
{
	enum { MOST = 1000000 };
	uint64_t value;
	const char *end = decimal_read(text, NULL, &value);

	return end == text || *end || value > MOST ? -1 : (int)value;
}

static bool is_ours(const struct control *block)
{
	return block->magic == CONTROL_MAGIC && block->version == CONTROL_VERSION && block->size == control_size();
}

static struct control *map_block(int fd)
{
	struct control *block = sys_map((void *)CONTROL_ADDRESS, control_size(), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_NORESERVE, fd, 0);

	if (!block)
		return NULL;
	if (is_ours(block))
		return block;
	sys_call3(SYS_munmap, (long)block, (long)control_size(), 0);
	return NULL;
}

/* Removes an entry from the environment by moving the later ones down; returns its value. */
static const char *take_variable(char **environment, const char *name)
{
	size_t length = strlen(name);

	for (; *environment; environment++) {
		const char *entry = *environment;
		if (strncmp(entry, name, length) != 0 || entry[length] != '=')
			continue;
		for (char **rest = environment; *rest; rest++)
			rest[0] = rest[1];
		return entry + length + 1;
	}
	return NULL;
}

/* Our library is the first of the list; what the user preloads beside it stays. */
static void take_preload(char **environment)
{
	for (; *environment; environment++) {
		char *list = *environment;
		if (strncmp(list, "LD_PRELOAD=", 11) != 0)
			continue;
		char *rest = list + 11;
		while (*rest && *rest != ':' && *rest != ' ')
			rest++;
		environment_set_library(list + 11, (size_t)(rest - list) - 11);
		if (*rest == '\0') {
			for (char **next = environment; *next; next++)
				next[0] = next[1];
		} else {
			memmove(list + 11, rest + 1, strlen(rest + 1) + 1);
		}
		return;
	}
}

bool control_open(char **environment)
{
	const char *value = take_variable(environment, CONTROL_VARIABLE);
	int fd = value ? parse_number(value) : -1;
	struct stat status;
	const char *task = take_variable(environment, TASK_VARIABLE);

	if (fd < 0)
		return false;
	struct control *block = map_block(fd);
	if (!block)
		return false;
	take_preload(environment);
	control_fd = fd;
	if (sys_call3(SYS_fstat, fd, (long)&status, 0) == 0) {
		block_device = status.st_dev;
		block_inode = status.st_ino;
	}
	control_task = task && parse_number(task) > 0 ? (uint32_t)parse_number(task) : 0;
	control = block;
	control_mode = block->settings.mode;
	__atomic_store_n(&control->started, 1, __ATOMIC_RELEASE);
	return true;
}

static bool is_block(int fd)
{
	struct stat status;

	return fd >= 0 && sys_call3(SYS_fstat, fd, (long)&status, 0) == 0 && status.st_dev == block_device &&
		status.st_ino == block_inode;
}

/* Race has it open as long as we live, and lets its own user look. */
static int open_again(void)
{
	char path[64] = "/proc/";
	char *at = decimal_write(path + 6, (uint32_t)control->settings.explorer_pid);

	memcpy(at, "/fd/", 4);
	*decimal_write(at + 4, (uint32_t)control->settings.explorer_fd) = '\0';
	long fd = sys_call(SYS_openat, AT_FDCWD, (long)path, O_RDWR, 0, 0, 0);
	if (fd < 0)
		return -1;
	long high = sys_call3(SYS_fcntl, fd, F_DUPFD, control->settings.control_fd);
	if (high < 0)
		return (int)fd;
	sys_close((int)fd);
	return (int)high;
}

bool control_keep(void)
{
	if (is_block(control_fd))
		return true;
	int fd = open_again();
	if (!is_block(fd))
		return false;
	control_fd = fd;
	return true;
}

uint32_t control_text(const char *bytes, uint32_t nbytes)
{
	uint32_t at = control->text_used ? control->text_used : 1;

	if (nbytes >= LIMIT_TEXT_BYTES - at) {
		control_limit(LIMIT_ID_TEXT_BYTES, 0);
		return 0;
	}
	memcpy(control->text + at, bytes, nbytes);
	control->text[at + nbytes] = '\0';
	control->text_used = at + nbytes + 1;
	return at;
}

void control_uncontrolled(enum uncontrolled reason, uint64_t site, const char *text)
{
	control->world.uncontrolled |= 1u << reason;
	record_uncontrolled(reason, LIMIT_ID_NONE, site, text);
}

void control_limit(enum limit_id limit, uint64_t site)
{
	if (control->world.limit == limit && (control->world.uncontrolled & 1u << UNCONTROLLED_LIMIT))
		return; /* said already */
	control->world.uncontrolled |= 1u << UNCONTROLLED_LIMIT;
	control->world.limit = limit;
	record_uncontrolled(UNCONTROLLED_LIMIT, limit, site, "");
}

void control_refuse(enum obstacle_kind kind, const char *path, long error)
{
	control->obstacle = (struct obstacle){
		.kind = kind,
		.error = (int32_t)-error,
		.path = control_text(path, (uint32_t)strlen(path)),
	};
	control_end(OUTCOME_REFUSED);
}

void control_end(enum outcome outcome)
{
	if (control->world.outcome == OUTCOME_NONE) {
		debugger_end(outcome); /* before: who sees an outcome ends the process */
		control->world.outcome = outcome;
	}
	say("control", outcome_text(outcome), (int64_t)control->world.nsteps);
	if (outcome != OUTCOME_REFUSED && outcome != OUTCOME_BROKEN)
		reuse_current()->leave(0);
	sys_exit_group(0);
}

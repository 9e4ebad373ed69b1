#include "control.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "environment.h"
#include "record.h"
#include "say.h"
#include "self.h"
#include "sys.h"

struct control *control;
uint32_t control_mode = CONTROL_PASS;
uint16_t control_process;
uint32_t control_task;
int control_fd = -1;

__thread struct self self __attribute__((tls_model("initial-exec")));

static int parse_number(const char *text)
{
	int value = 0;

	if (*text == '\0')
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || value > 1000000)
			return -1;
		value = value * 10 + (*text - '0');
	}
	return value;
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
	const char *task = take_variable(environment, TASK_VARIABLE);

	if (fd < 0)
		return false;
	struct control *block = map_block(fd);
	if (!block)
		return false;
	take_preload(environment);
	control_fd = fd;
	control_task = task && parse_number(task) > 0 ? (uint32_t)parse_number(task) : 0;
	control = block;
	control_mode = block->settings.mode;
	__atomic_store_n(&control->started, 1, __ATOMIC_RELEASE);
	return true;
}

struct slot *control_slot(void)
{
	return &control->slots[control->current_slot % LIMIT_SLOTS];
}

const struct plan *control_plan(void)
{
	return &control_slot()->plan;
}

const struct directive *control_prefix(void)
{
	return (const struct directive *)((const char *)control + control_slot()->prefix_offset);
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
	control->world.uncontrolled |= 1u << UNCONTROLLED_LIMIT;
	control->world.limit = limit;
	record_uncontrolled(UNCONTROLLED_LIMIT, limit, site, "");
}

void control_end(enum outcome outcome)
{
	if (control->world.outcome == OUTCOME_NONE)
		control->world.outcome = outcome;
	say("control", outcome_text(outcome), (int64_t)control->world.nsteps);
	sys_exit_group(0);
}

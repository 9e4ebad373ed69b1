#include "observe.h"

#include <cpuid.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <x86intrin.h>

#include "control.h"
#include "module.h"
#include "symbol.h"
#include "sys.h"
#include "watcher.h"

enum { PATIENCE = 20000 };

__thread struct observer observer __attribute__((tls_model("initial-exec")));
volatile uint32_t *observe_alive;

static struct rings *rings;
static int main_pid; /* of the process that began to observe */
static uint32_t begun;
static bool listens;
static uint32_t noted;
static char options[RING_OPTIONS_BYTES];
static bool steady; /* the processor's own counter is a clock */

static const char *find_variable(char **environment, const char *name)
{
	size_t length = strlen(name);

	for (; *environment; environment++)
		if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
			return *environment + length + 1;
	return NULL;
}

/* Is it one of the comma-separated words? */
static bool has_option(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
			return true;
	return false;
}

/* Counters of all processors go alike (CPUID 0x80000007, EDX bit 8: invariant TSC; Intel SDM 3B, 18.17.1). */
static bool counter_is_steady(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid(0x80000007, &a, &b, &c, &d) && (d & 1u << 8);
}

void observe_configure(char **environment)
{
	const char *value = find_variable(environment, OPTIONS_VARIABLE);

	if (value && strlen(value) < sizeof options)
		strcpy(options, value);
	if (has_option(options, "off") || !watcher_locate())
		return;
	steady = counter_is_steady();
	control_mode = CONTROL_OBSERVE;
}

uint64_t observe_time(void)
{
	unsigned int processor;

	return steady ? __rdtscp(&processor) : sys_now_ns();
}

bool observe_lock(void)
{
	for (uint32_t i = 0; i < PATIENCE; i++) {
		uint32_t nobody = 0;
		if (__atomic_compare_exchange_n(&rings->lock, &nobody, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
		sys_call3(SYS_sched_yield, 0, 0, 0);
	}
	__atomic_add_fetch(&rings->ntexts_lost, 1, __ATOMIC_RELAXED);
	return false;
}

void observe_unlock(void)
{
	__atomic_store_n(&rings->lock, 0, __ATOMIC_RELEASE);
}

uint32_t observe_text(const char *text)
{
	uint32_t at = 0;

	if (!observe_lock())
		return 0;
	if (strlen(text) < LIMIT_TEXT_BYTES - control->text_used - 1)
		at = control_text(text, (uint32_t)strlen(text));
	observe_unlock();
	return at;
}

/* A number that the table still has room for, 0: it is full. */
static uint32_t take_number(uint32_t *highest, uint32_t limit)
{
	uint32_t number = __atomic_load_n(highest, __ATOMIC_RELAXED);

	do {
		if (number + 1 >= limit) {
			__atomic_add_fetch(&rings->nrefused, 1, __ATOMIC_RELAXED);
			return 0;
		}
	} while (!__atomic_compare_exchange_n(highest, &number, number + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return number + 1;
}

static uint32_t name_of(uint64_t start, const char *name)
{
	char buffer[LIMIT_NAME_BYTES];
	uint32_t text = 0;

	if (name)
		return observe_text(name);
	if (!observe_lock())
		return 0;
	module_function_name(start, buffer, sizeof buffer - 8);
	text = control_text(buffer, (uint32_t)strlen(buffer));
	observe_unlock();
	return text;
}

uint32_t observe_task_new(uint64_t start, const char *name, bool new_process)
{
	uint32_t process = new_process ? take_number(&rings->nprocesses, LIMIT_PROCESSES) : control_process;
	uint32_t task = process ? take_number(&rings->ntasks, LIMIT_TASKS) : 0;

	if (task == 0)
		return 0;
	struct ring *ring = &rings->rings[task];
	ring->parent = observer.task;
	ring->process = (uint16_t)process;
	ring->start = start;
	ring->name = name_of(start, name);
	ring->born = observe_time();
	if (new_process)
		rings->processes[process].task = (uint16_t)task;
	return task;
}

void observe_task_bind(uint32_t task, uint64_t handle)
{
	struct ring *ring = &rings->rings[task];

	observer.tid = sys_gettid();
	observer.task = (uint16_t)task;
	observer.events = (struct ring_event *)((char *)control + ring_events_offset(task));
	observer.nmarks = 0;
	ring->tid = observer.tid;
	__atomic_store_n(&ring->handle, handle, __ATOMIC_RELEASE);
	observer.ring = ring;
}

void observe_process_bind(uint32_t task)
{
	observer.parent_tid = observer.tid;
	control_process = rings->rings[task].process;
	rings->processes[control_process].pid = sys_getpid();
	observe_task_bind(task, 0);
	*observe_alive = 1;
}

/* A thread that nobody announced, or a child of a fork that was not seen. */
bool observe_bind(void)
{
	char program[512];
	bool forked = !*observe_alive;

	if (!rings)
		return false;
	uint32_t task = observe_task_new(0, forked ? symbol_program(program, sizeof program) : "thread", forked);
	if (task == 0)
		return false;
	if (forked)
		observe_process_bind(task);
	else
		observe_task_bind(task, 0);
	return true;
}

void observe_task_made(uint32_t task, uint64_t handle)
{
	__atomic_store_n(&rings->rings[task].handle, handle, __ATOMIC_RELEASE);
}

uint32_t observe_task_by_handle(uint64_t handle)
{
	for (uint32_t task = rings->ntasks; handle && task > 0; task--)
		if (__atomic_load_n(&rings->rings[task].handle, __ATOMIC_ACQUIRE) == handle &&
			rings->rings[task].process == control_process)
			return task;
	return 0;
}

void observe_task_joined(uint32_t task)
{
	rings->rings[task].handle = 0;
	rings->rings[task].joiner = observer.task;
	rings->rings[task].joined = observe_time();
}

void observe_process_reaped(int pid)
{
	for (uint32_t i = rings->nprocesses; i > 0; i--)
		if (rings->processes[i].pid == pid && !rings->processes[i].reaped) {
			rings->processes[i].reaper = observer.task;
			rings->processes[i].reaped = observe_time();
			return;
		}
}

void observe_write(const struct ring_event *event)
{
	struct ring *ring = observer.ring;
	uint64_t at = ring->count++; /* a signal handler takes the next */
	struct ring_event *slot = &observer.events[at % RING_EVENTS];

	*slot = *event;
	__atomic_signal_fence(__ATOMIC_RELEASE);
	slot->time = observe_time();
}

/* The program's limits on the size of files are not meant for this one, which takes no room on any disk. */
static long make_block(void)
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY}, none;
	long fd = sys_call3(SYS_memfd_create, (long)"race-observed", 1 /* MFD_CLOEXEC */, 0);

	if (fd < 0)
		return fd;
	sys_call(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, (long)&limit, 0, 0);
	none = (struct rlimit){limit.rlim_max, limit.rlim_max};
	if (limit.rlim_max < ring_block_bytes()) {
		sys_close((int)fd);
		return -1;
	}
	sys_call(SYS_prlimit64, 0, RLIMIT_FSIZE, (long)&none, 0, 0, 0);
	long error = sys_call3(SYS_ftruncate, fd, (long)ring_block_bytes(), 0);
	sys_call(SYS_prlimit64, 0, RLIMIT_FSIZE, (long)&limit, 0, 0, 0);
	if (error == 0)
		return fd;
	sys_close((int)fd);
	return error;
}

/* Where address space is short the program needs it itself. */
static bool has_address_space(void)
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

	sys_call(SYS_prlimit64, 0, RLIMIT_AS, 0, (long)&limit, 0, 0);
	return limit.rlim_cur == RLIM_INFINITY;
}

static bool map_block(int fd)
{
	struct control *block = sys_map(NULL, ring_block_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);

	if (!block)
		return false;
	block->magic = CONTROL_MAGIC;
	block->version = CONTROL_VERSION;
	block->size = ring_block_bytes();
	block->settings.mode = CONTROL_OBSERVE;
	control = block;
	rings = (struct rings *)((char *)block + ring_head_offset());
	return true;
}

void observe_note(uint32_t seen)
{
	__atomic_or_fetch(&noted, seen, __ATOMIC_RELAXED);
	if (observe_alive && control)
		__atomic_or_fetch(&control->world.seen, seen, __ATOMIC_RELAXED);
}

static void look_at_modules(void)
{
	module_refresh();
	if (module_has_machine())
		observe_note(SEEN_MACHINE);
}

bool observe_modules(uint64_t caller)
{
	if (!observe_is_on() || module_is_known(caller) || !observe_lock())
		return false;
	look_at_modules();
	observe_unlock();
	return true;
}

static void start(int fd)
{
	volatile uint32_t *alive = sys_map(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (!alive || sys_call3(SYS_madvise, (long)alive, 4096, MADV_WIPEONFORK) < 0 || !map_block(fd))
		return;
	main_pid = sys_getpid();
	if (!watcher_start(fd, options))
		return;
	control_process = (uint16_t)take_number(&rings->nprocesses, LIMIT_PROCESSES);
	look_at_modules();
	control->world.seen |= noted;
	observe_alive = alive;
	uint32_t task = observe_task_new(0, "main", false);
	rings->processes[control_process].pid = main_pid;
	rings->processes[control_process].task = (uint16_t)task;
	observe_task_bind(task, pthread_self());
	__atomic_store_n(observe_alive, 1, __ATOMIC_RELEASE);
}

void observe_begin_process(void)
{
	if (control_mode != CONTROL_OBSERVE || __atomic_exchange_n(&begun, 1, __ATOMIC_ACQ_REL))
		return;
	if (!has_address_space())
		return;
	long fd = make_block();
	if (fd < 0)
		return;
	start((int)fd);
	sys_close((int)fd);
}

void observe_listens(void)
{
	listens = true;
}

void observe_before_fork(void)
{
	if (listens)
		observe_begin_process();
}

int observe_finish(int status)
{
	if (!observe_alive || sys_getpid() != main_pid)
		return status;
	main_pid = 0; /* once */
	rings->status = status;
	__atomic_store_n(&rings->finished, 1, __ATOMIC_RELEASE);
	int found = watcher_finish();
	return status == 0 && found > 0 ? found : status;
}

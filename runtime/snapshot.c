#include "snapshot.h"

#include <sys/mman.h>

#include "beginning.h"
#include "binding.h"
#include "carrier.h"
#include "checkpoint.h"
#include "control.h"
#include "fiber.h"
#include "forkserver.h"
#include "inherited.h"
#include "maps.h"
#include "opened.h"
#include "region.h"
#include "self.h"
#include "signals.h"
#include "sys.h"
#include "trap.h"
#include "undo.h"

enum { STACK_BYTES = 64 * 1024, FRAME_BYTES = 16 * 1024, MOST_LOSSES = 4, WORTHWHILE = 8 };

/* In shared memory: it outlives what is put back. */
static struct snapshot {
	bool active;
	int status;              /* of the execution that has ended */
	struct fiber controller; /* runs between executions */
	struct fiber main;       /* as it was */
	struct fiber ended;
	struct fiber kept;       /* to be kept in a checkpoint */
	bool keeping;
	char stack[STACK_BYTES] __attribute__((aligned(16)));
} *snapshot;

static void lose(enum snapshot_loss why, long detail)
{
	control->snapshot_loss = why;
	control->snapshot_detail = (int32_t)detail;
	control->nlosses++;
}

bool snapshot_is_active(void)
{
	return snapshot && snapshot->active;
}

/* From now on this is an ordinary process. */
static void abandon(enum snapshot_loss why, long detail)
{
	lose(why, detail);
	snapshot->active = false;
	sys_let_write = NULL;
	checkpoint_stop();
	trap_close();
	region_release();
	inherited_close(false);
}

static bool on_call(long number, const long *arguments, long *result)
{
	if (number == SYS_exit_group)
		snapshot_leave((int)(arguments[0] & 0xff) << 8);
	if (undo_perform(number, arguments, result))
		return true;
	abandon(SNAPSHOT_LOSS_CALL, number);
	return false;
}

static bool on_fault(uint64_t address)
{
	if (region_fault(address))
		return true;
	abandon(SNAPSHOT_LOSS_FAULT, 0);
	return false;
}

static void let_write(uint64_t address, uint64_t nbytes)
{
	region_touch(address, nbytes);
}

static bool protect(void)
{
	static const struct trap_handlers handlers = {on_call, on_fault};

	if (!trap_open(&handlers))
		return false;
	snapshot->active = true;
	sys_let_write = let_write;
	if (region_protect())
		return true;
	sys_let_write = NULL;
	snapshot->active = false;
	trap_close();
	return false;
}

void snapshot_abandon(enum snapshot_loss why)
{
	if (snapshot_is_active())
		abandon(why, 0);
}

void snapshot_lose_session(enum session_loss why)
{
	if (snapshot_is_active() && control->inherits)
		abandon(SNAPSHOT_LOSS_SESSION, why);
}

void snapshot_opened(void)
{
	if (snapshot_is_active())
		opened_note();
}

void snapshot_lock(int fd)
{
	if (snapshot_is_active())
		opened_note_lock(fd);
}

void snapshot_close(int fd)
{
	if (snapshot_is_active() && !opened_set_aside(fd))
		abandon(SNAPSHOT_LOSS_CALL, SYS_close);
}

void snapshot_use(int fd)
{
	if (snapshot_is_active() && opened_has_state(fd))
		abandon(SNAPSHOT_LOSS_CHANNEL, fd);
}

/* The next plan whose execution begins here. */
static struct slot *await(void)
{
	for (;;) {
		struct slot *slot = forkserver_await();
		if (beginning_suits(slot))
			return slot;
		if (!beginning_is_shared(&slot->plan) && control->inherits != INHERITS_LATER && forkserver_pass(slot))
			continue;
		inherited_close(true);
		forkserver_put_back(slot);
		sys_exit_group(0); /* the fork server takes it, and those to come */
	}
}

/* Memory is put back, and the slot opened; who goes on. */
static const struct fiber *begin(struct slot *slot, bool is_restored)
{
	const struct checkpoint *checkpoint = checkpoint_find(slot);

	if (checkpoint)
		checkpoint_restore(checkpoint);
	else if (!is_restored)
		region_restore();
	forkserver_open(slot);
	inherited_load();
	if (checkpoint)
		beginning_repeat_output();
	else
		beginning_load();
	checkpoint_begin(checkpoint);
	return checkpoint ? checkpoint_fiber(checkpoint) : &snapshot->main;
}

/* The execution that has just ended is over, and everything as it was; who goes on with the next one. */
static const struct fiber *turn_over(void)
{
	bool outside = undo_was_outside() || beginning_differs(), early = checkpoint_is_none();

	binding_adopt();
	undo_all();
	control->nrestored++;
	control->world.remarks |= REMARK_RESTORED | (outside ? REMARK_OUTSIDE : 0);
	forkserver_finish(snapshot->status);
	if (early)
		region_restore();
	return begin(await(), early);
}

static const struct fiber *keep(void)
{
	snapshot->keeping = false;
	checkpoint_keep(&snapshot->kept);
	return &snapshot->kept;
}

static void control_executions(void)
{
	const struct fiber *next = &snapshot->main;

	if (!protect()) {
		lose(SNAPSHOT_LOSS_KERNEL, 0);
		inherited_close(false);
	}
	for (;;) {
		fiber_go(&snapshot->controller, next);
		next = snapshot->keeping ? keep() : turn_over();
	}
}

void snapshot_keep(void)
{
	if (!snapshot_is_active())
		return;
	snapshot->keeping = true;
	fiber_adopt(&snapshot->kept);
	fiber_go(&snapshot->kept, &snapshot->controller);
}

/* Executions that end at what can't be undone cost more than they spare, if nearly all do. */
static bool is_worthwhile(void)
{
	return control->nlosses < MOST_LOSSES || control->nrestored / control->nlosses >= WORTHWHILE;
}

static bool is_wanted(void)
{
	return control->settings.reuse == REUSE_RESTORE && !snapshot && is_worthwhile() &&
		beginning_is_shared(control_plan()) && !carrier_current()->parallel && self.task == 1 && control_process == 1;
}

static bool is_within(const struct maps_line *line, const void *begin, size_t nbytes)
{
	return line->begin >= (uint64_t)(uintptr_t)begin && line->begin < (uint64_t)(uintptr_t)begin + nbytes;
}

/* Memory that is written here and is somebody else's as well: it is in no region, and stays as it is. */
static bool has_shared_memory(void)
{
	struct maps maps;
	struct maps_line line;
	bool found = false;

	if (!maps_open(&maps))
		return true;
	while (!found && maps_next(&maps, &line))
		found = line.writable && line.shared && !is_within(&line, control, control_size()) &&
			!is_within(&line, snapshot, sizeof *snapshot) && !binding_is_own(line.begin);
	maps_close(&maps);
	return found;
}

/* The kernel gives it back when an execution ends that has the file open. */
static bool holds_file_lock(void)
{
	const struct task *task = &control->world.tasks[self.task];

	for (uint32_t i = 0; i < task->nholds; i++)
		if (control->world.objects[task->holds[i].object].kind == OBJECT_FILE_LOCK)
			return true;
	return false;
}

/* Sessions with databases, then memory: last what others have a part in. */
static enum snapshot_loss keep_rest(int32_t *detail)
{
	*detail = inherited_open();
	if (*detail != SESSION_LOSS_NONE)
		return SNAPSHOT_LOSS_SESSION;
	if (region_open())
		return SNAPSHOT_LOSS_NONE;
	inherited_close(false);
	return SNAPSHOT_LOSS_MEMORY;
}

/* NONE: the snapshot can be taken. */
static enum snapshot_loss obstacle(const void *attributes, int32_t *detail)
{
	if (control->world.processes[1].image > 0)
		return SNAPSHOT_LOSS_EXEC;
	if (!fiber_is_ready(attributes))
		return SNAPSHOT_LOSS_NOT_READY;
	if (holds_file_lock())
		return SNAPSHOT_LOSS_LOCK;
	if (control->world.seen & SEEN_FILES)
		return SNAPSHOT_LOSS_FILES;
	if (control->world.seen & SEEN_KEYS)
		return SNAPSHOT_LOSS_KEYS;
	if (has_shared_memory())
		return SNAPSHOT_LOSS_SHARED;
	if (!undo_open())
		return SNAPSHOT_LOSS_STACK;
	if (opened_have_nameless())
		return SNAPSHOT_LOSS_NAMELESS;
	if (!beginning_save())
		return SNAPSHOT_LOSS_BEGINNING;
	return keep_rest(detail);
}

void snapshot_offer(const void *attributes)
{
	if (!is_wanted())
		return;
	snapshot = sys_map(NULL, sizeof *snapshot, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int32_t detail = 0;
	enum snapshot_loss loss = snapshot ? obstacle(attributes, &detail) : SNAPSHOT_LOSS_MEMORY;
	if (loss != SNAPSHOT_LOSS_NONE) {
		if (loss != SNAPSHOT_LOSS_NOT_READY || fiber_is_taught()) /* the first execution finds out what is needed */
			lose(loss, detail);
		return;
	}
	checkpoint_open();
	signals_mask(); /* executions begin with it known */
	fiber_adopt(&snapshot->main);
	fiber_adopt(&snapshot->controller);
	fiber_prime(&snapshot->controller, snapshot->stack + STACK_BYTES, control_executions);
	fiber_go(&snapshot->main, &snapshot->controller);
}

void snapshot_leave(int status)
{
	if (!snapshot_is_active())
		return;
	snapshot->status = status;
	fiber_go(&snapshot->ended, &snapshot->controller);
}

void snapshot_touch(const void *address, size_t nbytes)
{
	if (snapshot_is_active())
		region_touch((uint64_t)(uintptr_t)address, nbytes);
}

void snapshot_touch_stack(void)
{
	const char *here = __builtin_frame_address(0);

	snapshot_touch(here - FRAME_BYTES, FRAME_BYTES);
}

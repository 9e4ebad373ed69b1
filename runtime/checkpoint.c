#include "checkpoint.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <x86intrin.h>

#include "control.h"
#include "position.h"
#include "region.h"
#include "sys.h"
#include "undo.h"

enum {
	MOST_KEPT = 8,
	MOST_PAGES = 1024,      /* in a checkpoint */
	MOST_PATH = 65536,      /* choices */
	WORTH = 4,              /* so many times what keeping one costs is to be executed between two */
	CYCLES_PER_PAGE = 300,  /* at most to begin with */
	WINDOW = 32,            /* checkpoints after which is seen whether anybody comes back */
	MOST_RELUCTANCE = 16,
};

struct checkpoint {
	struct fiber fiber;
	uint64_t mask;    /* of signals, as the kernel has it */
	uint64_t at;      /* cycles from the snapshot */
	uint32_t depth;   /* choices made */
	uint32_t npages;
	uint32_t room;
};

/* Plans that differ in none of these begin alike as long as their prefixes do. */
struct kin {
	uint64_t seed, choices, clock_start_ns;
	uint16_t chooser, flags;
};

struct room {
	struct position position;
	char pages[MOST_PAGES][REGION_PAGE_BYTES];
};

/* In shared memory: it outlives what is put back. */
static struct stack {
	bool watching;       /* the current execution's choices are noted, and checkpoints kept */
	uint64_t begun;      /* the processor's clock when the execution began, less what it did not run itself */
	uint64_t last;       /* and when the last checkpoint was kept */
	uint64_t cost;       /* cycles, of keeping one */
	uint32_t reluctance; /* doublings of WORTH */
	uint32_t nkept, nresumed; /* in this window */
	struct kin kin;
	uint32_t n;          /* kept[0..n): each lies on the way to the next */
	struct checkpoint kept[MOST_KEPT];
	uint32_t depth;      /* choices of the current execution */
	struct directive path[MOST_PATH];
	struct room rooms[MOST_KEPT];
} *stack;

void checkpoint_open(void)
{
	if (control->world.nchoices > 0 || control->npeers > 0)
		return;
	stack = sys_map(NULL, sizeof *stack, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	for (uint32_t i = 0; stack && i < MOST_KEPT; i++)
		stack->kept[i].room = i;
}

/* Choosers that draw would need their generator put back; runs and questions are no list of choices. */
static bool is_stepwise(const struct plan *plan)
{
	return plan->chooser == CHOOSER_FIRST && plan->flags == PLAN_STRICT;
}

static struct kin kin_of(const struct plan *plan)
{
	return (struct kin){plan->seed, plan->choices, plan->clock_start_ns, plan->chooser, plan->flags};
}

static uint64_t patience(void)
{
	return stack->cost * WORTH << stack->reluctance;
}

bool checkpoint_is_due(void)
{
	return stack && stack->watching && __rdtsc() - stack->last >= patience() && undo_is_clean() &&
		control->nredirects == 0 && region_pages() <= MOST_PAGES && control->world.nchoices == stack->depth;
}

/* Is anybody going back to them? */
static void weigh(void)
{
	if (stack->nkept < WINDOW)
		return;
	if (stack->nresumed >= stack->nkept)
		stack->reluctance -= stack->reluctance > 0;
	else if (stack->nresumed < stack->nkept / 4)
		stack->reluctance += stack->reluctance < MOST_RELUCTANCE;
	stack->nkept = stack->nresumed = 0;
}

/* The one that is missed least: from the one before it the way to the one behind it is short. Never the last. */
static uint32_t weakest(void)
{
	uint32_t weakest = 0;
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i + 1 < stack->n; i++) {
		uint64_t gap = stack->kept[i + 1].at - (i > 0 ? stack->kept[i - 1].at : 0);
		if (gap < least) {
			least = gap;
			weakest = i;
		}
	}
	return weakest;
}

/* Its room is the free one's. */
static void drop_weakest(void)
{
	uint32_t i = weakest();
	struct checkpoint dropped = stack->kept[i];

	for (; i + 1 < stack->n; i++)
		stack->kept[i] = stack->kept[i + 1];
	stack->kept[i] = dropped;
	stack->n--;
}

static uint64_t mask_now(void)
{
	uint64_t mask = 0;

	sys_call(SYS_rt_sigprocmask, SIG_BLOCK, 0, (long)&mask, sizeof mask, 0, 0);
	return mask;
}

static bool fill(struct checkpoint *checkpoint)
{
	struct room *room = &stack->rooms[checkpoint->room];

	checkpoint->npages = region_keep(room->pages, MOST_PAGES);
	return checkpoint->npages > 0 && position_save(&room->position);
}

/* The processor may have been somebody else's meanwhile: what is much more than usual says nothing. */
static void learn_cost(uint64_t cost)
{
	uint64_t most = stack->cost + stack->cost / 8;

	stack->cost = cost < most ? cost : most;
}

void checkpoint_keep(const struct fiber *fiber)
{
	uint64_t begun = __rdtsc();

	if (stack->n == MOST_KEPT)
		drop_weakest();
	struct checkpoint *checkpoint = &stack->kept[stack->n];
	checkpoint->fiber = *fiber;
	checkpoint->mask = mask_now();
	checkpoint->at = begun - stack->begun;
	checkpoint->depth = stack->depth;
	if (fill(checkpoint))
		stack->n++;
	stack->nkept++;
	weigh();
	stack->last = __rdtsc();
	stack->begun += stack->last - begun;
	learn_cost(stack->last - begun);
}

void checkpoint_note(struct directive taken)
{
	if (!stack || !stack->watching)
		return;
	if (stack->depth == MOST_PATH)
		stack->watching = false;
	else
		stack->path[stack->depth++] = taken;
}

static bool is_same(const struct directive *left, const struct directive *right)
{
	return left->form == right->form && left->kind == right->kind && left->task == right->task &&
		left->value == right->value;
}

/* Choices that the prefix shares with the way to the last checkpoint. */
static uint32_t common(const struct slot *slot)
{
	const struct directive *prefix = (const struct directive *)((const char *)control + slot->prefix_offset);
	uint32_t depth = stack->n > 0 ? stack->kept[stack->n - 1].depth : 0, n = 0;

	while (n < depth && n < slot->plan.nprefix && is_same(&prefix[n], &stack->path[n]))
		n++;
	return n;
}

static bool fits(const struct checkpoint *checkpoint, const struct slot *slot)
{
	const struct world *world = position_world(&stack->rooms[checkpoint->room].position);

	return world->nsteps < slot->plan.max_steps && world->trace_bytes < slot->trace_limit;
}

bool checkpoint_is_none(void)
{
	return !stack || stack->n == 0;
}

const struct checkpoint *checkpoint_find(const struct slot *slot)
{
	struct kin kin = kin_of(&slot->plan);
	uint32_t shared;

	if (!stack || !is_stepwise(&slot->plan))
		return NULL;
	shared = memcmp(&kin, &stack->kin, sizeof kin) == 0 ? common(slot) : 0;
	stack->kin = kin;
	while (stack->n > 0 && (stack->kept[stack->n - 1].depth > shared || !fits(&stack->kept[stack->n - 1], slot)))
		stack->n--;
	return stack->n > 0 ? &stack->kept[stack->n - 1] : NULL;
}

void checkpoint_restore(const struct checkpoint *checkpoint)
{
	region_restore_kept(stack->rooms[checkpoint->room].pages, checkpoint->npages);
	sys_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&checkpoint->mask, 0, sizeof checkpoint->mask, 0, 0);
}

static void resume(const struct checkpoint *checkpoint)
{
	position_load(&stack->rooms[checkpoint->room].position);
	control->world.cursor = checkpoint->depth;
	control->world.run_begun = 0;
	control->nresumed++;
	stack->nresumed++;
}

void checkpoint_begin(const struct checkpoint *checkpoint)
{
	if (checkpoint)
		resume(checkpoint);
	if (!stack)
		return;
	stack->watching = is_stepwise(control_plan());
	if (stack->cost == 0)
		stack->cost = (uint64_t)region_pages() * CYCLES_PER_PAGE;
	stack->depth = checkpoint ? checkpoint->depth : 0;
	stack->last = __rdtsc();
	stack->begun = stack->last - (checkpoint ? checkpoint->at : 0);
}

void checkpoint_stop(void)
{
	if (stack)
		stack->watching = false;
}

const struct fiber *checkpoint_fiber(const struct checkpoint *checkpoint)
{
	return &checkpoint->fiber;
}

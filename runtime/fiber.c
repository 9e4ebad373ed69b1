#include "fiber.h"

#include <cpuid.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>

#include "control.h"
#include "real.h"
#include "self.h"
#include "snapshot.h"
#include "sys.h"

enum { MOST_READY = 512, HAS_FSGSBASE = 2 /* in AT_HWCAP2: user code may set FS */ };

void *(*fiber_entry)(void);

extern void fiber_switch(void **left, void *stack, uint64_t base, long has_instruction);
extern void fiber_park(void **left, uint32_t *gone);

/* Harvested and not yet used. */
static struct {
	struct fiber fiber;
	int kind;
} ready[MOST_READY];
static uint32_t nready;
static size_t ready_stack_bytes; /* the program may change what is usual */

static uint64_t thread_pointer(void)
{
	uint64_t base;

	__asm__("movq %%fs:0, %0" : "=r"(base)); /* the block begins with its own address */
	return base;
}

static long has_instruction(void)
{
	static int known = -1;

	if (known < 0)
		known = (getauxval(AT_HWCAP2) & HAS_FSGSBASE) != 0;
	return known;
}

/* Does the kernel let the processor heed protection keys (Intel SDM, CPUID leaf 7: OSPKE)? */
static bool has_keys(void)
{
	static int known = -1;
	unsigned int a, b, c = 0, d;

	if (known < 0)
		known = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (c & 1u << 4);
	return known;
}

static uint32_t read_rights(void)
{
	uint32_t rights, high;

	__asm__ volatile("rdpkru" : "=a"(rights), "=d"(high) : "c"(0));
	return rights;
}

static void write_rights(uint32_t rights)
{
	__asm__ volatile("wrpkru" : : "a"(rights), "c"(0), "d"(0) : "memory");
}

void fiber_adopt(struct fiber *fiber)
{
	fiber->base = thread_pointer();
	fiber->handle = pthread_self();
	fiber->tid = sys_gettid();
}

static void *start(void *argument)
{
	struct fiber *fiber = argument;

	fiber_adopt(fiber);
	fiber_park(&fiber->stack, &fiber->gone);
	return fiber_entry();
}

static void set_mask(uint64_t mask, uint64_t *before)
{
	sys_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, (long)before, sizeof mask, 0, 0);
}

static int harvest(struct fiber *fiber, const void *attributes)
{
	unsigned long thread;
	uint64_t mask;

	fiber->gone = 1;
	set_mask(~0ULL, &mask); /* none may be delivered to a thread that is about to vanish */
	int error = real.thread_create(&thread, attributes, start, fiber);
	while (error == 0 && __atomic_load_n(&fiber->gone, __ATOMIC_ACQUIRE) != 0)
		sys_futex_wait(&fiber->gone, 1, -1);
	set_mask(mask, NULL);
	return error;
}

static size_t default_stack_bytes(void)
{
	pthread_attr_t plain;
	size_t nbytes = 0;

	if (pthread_attr_init(&plain) == 0) {
		pthread_attr_getstacksize(&plain, &nbytes);
		pthread_attr_destroy(&plain);
	}
	return nbytes;
}

/* As pthread_attr_init lays it out (glibc, x86-64): where the stack is to be, and what further settings point to. */
struct layout {
	char beginning[24];
	const void *stack;
	uint64_t stack_bytes;
	const void *extension;
	char rest[8];
};

_Static_assert(sizeof(struct layout) == FIBER_KIND_BYTES && sizeof(pthread_attr_t) == FIBER_KIND_BYTES, "");

/* Attributes as a kind: whether it is detached does not matter. False: they are of no kind. */
static bool kind_of(const pthread_attr_t *attributes, pthread_attr_t *kind)
{
	struct layout layout;

	if (!attributes)
		return pthread_attr_init(kind) == 0;
	*kind = *attributes;
	pthread_attr_setdetachstate(kind, PTHREAD_CREATE_JOINABLE);
	memcpy(&layout, kind, sizeof layout);
	return layout.stack == NULL && layout.extension == NULL;
}

/* Its place in the table, -1: it is full. */
static int place_of(const pthread_attr_t *kind)
{
	for (int i = 0; i < FIBER_KINDS; i++) {
		struct fiber_kind *entry = &control->fiber_kinds[i];
		if (entry->most == 0) {
			memcpy(entry->attributes, kind, sizeof entry->attributes);
			return i;
		}
		if (memcmp(entry->attributes, kind, sizeof entry->attributes) == 0)
			return i;
	}
	return -1;
}

static void note_use(int place)
{
	struct fiber_kind *kind = &control->fiber_kinds[place];

	kind->used++;
	if (kind->used > kind->most)
		kind->most = kind->used;
}

void fiber_begin(void)
{
	for (int i = 0; i < FIBER_KINDS; i++)
		control->fiber_kinds[i].used = 0;
}

static uint32_t count_ready(int place)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < nready; i++)
		n += ready[i].kind == place;
	return n;
}

void fiber_prepare(void)
{
	size_t nbytes = default_stack_bytes();

	if (nready == 0)
		ready_stack_bytes = nbytes;
	for (int i = 0; i < FIBER_KINDS && control->fiber_kinds[i].most > 0; i++) {
		pthread_attr_t attributes;
		memcpy(&attributes, control->fiber_kinds[i].attributes, sizeof attributes);
		for (uint32_t n = count_ready(i); n < control->fiber_kinds[i].most && nready < MOST_READY; n++) {
			ready[nready].kind = i;
			if (harvest(&ready[nready].fiber, &attributes) != 0)
				return;
			nready++;
		}
	}
}

/* One that is ready; -1: none is. The program may change what is usual meanwhile. */
static int find_ready(int place)
{
	if (nready == 0 || default_stack_bytes() != ready_stack_bytes)
		return -1;
	for (uint32_t i = nready; i > 0; i--)
		if (ready[i - 1].kind == place)
			return (int)i - 1;
	return -1;
}

bool fiber_is_taught(void)
{
	return control->fiber_kinds[0].most > 0;
}

bool fiber_is_ready(const void *attributes)
{
	pthread_attr_t kind;

	return kind_of(attributes, &kind) && find_ready(place_of(&kind)) >= 0;
}

static bool is_detached(const pthread_attr_t *attributes)
{
	int state;

	return attributes && pthread_attr_getdetachstate(attributes, &state) == 0 && state == PTHREAD_CREATE_DETACHED;
}

/* A thread begins with its creator's rounding and masked exceptions; a parked one left its own on top of its stack. */
static void inherit_control_words(struct fiber *fiber)
{
	struct {
		uint32_t sse;
		uint16_t x87;
	} *left = fiber->stack; /* as fiber_switch.S keeps them */

	__asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(left->sse), "=m"(left->x87));
}

int fiber_new(struct fiber *fiber, const void *attributes)
{
	pthread_attr_t kind;
	int place = kind_of(attributes, &kind) ? place_of(&kind) : -1;
	int index = place >= 0 ? find_ready(place) : -1;

	if (place >= 0)
		note_use(place);
	if (index < 0) {
		snapshot_abandon(SNAPSHOT_LOSS_NOT_READY);
		return harvest(fiber, attributes);
	}
	*fiber = ready[index].fiber;
	if ((uint32_t)index != --nready) /* else its page would be written in vain */
		ready[index] = ready[nready];
	inherit_control_words(fiber);
	if (is_detached(attributes))
		real.thread_detach(fiber->handle);
	return 0;
}

void fiber_forget(void)
{
	nready = 0;
}

/* As fiber_switch finds a stack; the top is a multiple of 16. */
void fiber_prime(struct fiber *fiber, void *top, void (*function)(void))
{
	enum { REGISTERS = 6 };
	uint64_t *at = top;

	*--at = 0; /* nobody has called it */
	*--at = (uint64_t)(uintptr_t)function;
	for (int i = 0; i < REGISTERS; i++)
		*--at = 0;
	*--at = 0x037f00001f80ULL; /* x87 and SSE: all exceptions masked, round to nearest */
	fiber->stack = at;
}

/* What a thread may do to memory with a protection key is its own matter (pkeys(7)); V8 changes it all the time. */
void fiber_go(struct fiber *from, const struct fiber *to)
{
	uint32_t rights = has_keys() ? read_rights() : 0;

	fiber_switch(&from->stack, to->stack, to->base, has_instruction());
	if (has_keys() && read_rights() != rights)
		write_rights(rights);
}

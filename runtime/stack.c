#include "stack.h"

#include <dlfcn.h>
#include <errno.h>
#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include <pthread.h>
#include <stddef.h>

#include "control.h"
#include "module.h"
#include "real.h"
#include "slot.h"
#include "sys.h"

enum { STACK_BYTES = 64 * 1024, WIPED_BYTES = 3072 /* frames of ours, down to the deepest that plans differ in */ };

bool stack_is_tidy;

/* libunwind's local unwinder, spelt as its header mangles it. */
static int (*get_context)(unw_context_t *);
static int (*init_local)(unw_cursor_t *, unw_context_t *);
static int (*step)(unw_cursor_t *);
static int (*get_register)(unw_cursor_t *, int, unw_word_t *);

/*
 * libunwind tries what is mapped by writing a byte of it to a pipe that it keeps. The program would see its descriptors,
 * and close them, as daemons close whatever they find open: the next that it opens would be read and written in their
 * place. So libunwind gets no pipe, and the kernel is asked without one.
 */
enum { NO_DESCRIPTOR = -1, PAGE_BYTES = 4096 };

static int make_no_pipe(int ends[2], int flags)
{
	(void)flags;
	ends[0] = ends[1] = NO_DESCRIPTOR;
	return 0;
}

static ssize_t finish(long result)
{
	errno = result < 0 ? (int)-result : 0;
	return result < 0 ? -1 : result;
}

static ssize_t read_unless_pipe(int fd, void *buffer, size_t nbytes)
{
	return finish(fd == NO_DESCRIPTOR ? -EAGAIN : sys_call3(SYS_read, fd, (long)buffer, (long)nbytes));
}

/* The kernel reads the set of signals before it looks at what to do with it, and there is nothing it could do. */
static bool is_readable(const void *address)
{
	long word = (long)address & ~7L;

	return sys_call(SYS_rt_sigprocmask, -1, word, 0, sizeof(uint64_t), 0, 0) != -EFAULT;
}

static ssize_t write_unless_pipe(int fd, const void *buffer, size_t nbytes)
{
	if (fd == NO_DESCRIPTOR)
		return finish(is_readable(buffer) ? (long)nbytes : -EFAULT);
	return finish(sys_call3(SYS_write, fd, (long)buffer, (long)nbytes));
}

/* So as not to be a cancellation point it is written by syscall, in some versions. */
static long call_unless_pipe(long number, long a, long b, long c, long d, long e, long f)
{
	if (number == SYS_write)
		return write_unless_pipe((int)a, (const void *)b, (size_t)c);
	return finish(sys_call(number, a, b, c, d, e, f));
}

/* The genuine one is a call of which snapshots don't know what it does. */
static int look_at_pages(void *begin, size_t nbytes, unsigned char *resident)
{
	for (size_t done = 0; done < nbytes; done += PAGE_BYTES) {
		if (!is_readable((const char *)begin + done))
			return (int)finish(-ENOMEM);
		*resident++ = 1;
	}
	return (int)finish(0);
}

/* Without a pipe only where all that is done to it is led here. */
static void spare_pipe(void *library)
{
	bool writes = slot_lead(library, "write", (void *)write_unless_pipe);
	bool calls = slot_lead(library, "syscall", (void *)call_unless_pipe);

	slot_lead(library, "mincore", (void *)look_at_pages);
	if ((writes || calls) && slot_lead(library, "read", (void *)read_unless_pipe))
		slot_lead(library, "pipe2", (void *)make_no_pipe);
}

/* What the unwinder allocates when it first walks is mapped now, in each execution, whether it will be asked or not. */
static void settle(void)
{
	uint64_t pcs[STACK_FRAMES];

	if (get_register)
		stack_walk(pcs, STACK_FRAMES);
	stack_is_tidy = control && control->settings.stacks && control->npeers > 0;
}

bool stack_open(void)
{
	static bool tried;

	if (tried)
		return get_register;
	tried = true;
	void *library = real.dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return false;
	spare_pipe(library);
	get_context = (int (*)(unw_context_t *))real.dlsym(library, "_Ux86_64_getcontext");
	init_local = (int (*)(unw_cursor_t *, unw_context_t *))real.dlsym(library, "_ULx86_64_init_local");
	step = (int (*)(unw_cursor_t *))real.dlsym(library, "_ULx86_64_step");
	get_register = (int (*)(unw_cursor_t *, int, unw_word_t *))real.dlsym(library, "_ULx86_64_get_reg");
	if (!get_context || !init_local || !step)
		get_register = NULL;
	settle();
	return get_register;
}

/* Return addresses by frame pointer, as far as the chain looks like one. */
static uint32_t walk_frames(uint64_t *pcs, uint32_t max)
{
	const uint64_t *frame = __builtin_frame_address(0);
	uint32_t npcs = 0;

	while (npcs < max && frame[1] > 4096) {
		const uint64_t *next = (const uint64_t *)(uintptr_t)frame[0];
		if (!module_is_own(frame[1]))
			pcs[npcs++] = frame[1];
		if (next <= frame || (uintptr_t)next - (uintptr_t)frame > 1 << 20)
			break;
		frame = next;
	}
	return npcs;
}

/* One at a time: who walks has the turn. */
static struct walk {
	unw_context_t context;
	unw_cursor_t cursor;
	uint64_t *pcs;
	uint32_t npcs, max, busy;
	char stack[STACK_BYTES] __attribute__((aligned(64)));
} walk;

static void walk_context(void)
{
	unw_word_t pc;

	if (init_local(&walk.cursor, &walk.context) < 0)
		return;
	do {
		if (get_register(&walk.cursor, UNW_REG_IP, &pc) != 0 || pc == 0)
			break;
		if (!module_is_own(pc))
			walk.pcs[walk.npcs++] = pc;
	} while (walk.npcs < walk.max && step(&walk.cursor) > 0);
}

/* On a stack of its own: the unwinder writes over more of the program's than anything else here. */
static void run_aside(void)
{
	char *top = walk.stack + sizeof walk.stack;

	__asm__ volatile("movq %%rsp, %%rbx\n\t"
			 "movq %0, %%rsp\n\t"
			 "call *%1\n\t"
			 "movq %%rbx, %%rsp"
			 :
			 : "r"(top), "r"(walk_context)
			 : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3",
			   "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
			   "memory", "cc");
}

/* libunwind makes calls that are cancellation points: whoever is to be cancelled would leave from there. */
uint32_t stack_walk(uint64_t *pcs, uint32_t max)
{
	int cancellable;

	if (!get_register || __atomic_exchange_n(&walk.busy, 1, __ATOMIC_ACQUIRE))
		return walk_frames(pcs, max);
	walk.pcs = pcs;
	walk.npcs = 0;
	walk.max = max;
	real.set_cancel_state(PTHREAD_CANCEL_DISABLE, &cancellable);
	if (get_context(&walk.context) == 0)
		run_aside();
	real.set_cancel_state(cancellable, NULL);
	uint32_t npcs = walk.npcs;
	__atomic_store_n(&walk.busy, 0, __ATOMIC_RELEASE);
	return npcs ? npcs : walk_frames(pcs, max);
}

/* In steps of sixty-four bytes: not every processor is quick at storing strings, and this follows every call. */
void stack_wipe(void)
{
	char *bottom;
	uint64_t nsteps = WIPED_BYTES / 64;

	__asm__ volatile("leaq -%c2(%%rsp), %0\n\t"
			 "andq $-16, %0\n\t"
			 "pxor %%xmm0, %%xmm0\n"
			 "1:\n\t"
			 "movaps %%xmm0, (%0)\n\t"
			 "movaps %%xmm0, 16(%0)\n\t"
			 "movaps %%xmm0, 32(%0)\n\t"
			 "movaps %%xmm0, 48(%0)\n\t"
			 "addq $64, %0\n\t"
			 "decq %1\n\t"
			 "jnz 1b"
			 : "=&r"(bottom), "+r"(nsteps)
			 : "i"(WIPED_BYTES)
			 : "xmm0", "memory", "cc");
}

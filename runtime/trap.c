#include "trap.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <ucontext.h>

#include "module.h"
#include "real.h"
#include "sys.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

enum { DISPATCH_OFF, DISPATCH_ON, STACK_BYTES = 256 * 1024, RESTORER = 0x04000000, INSTRUCTION_BYTES = 2 };

/* As the kernel has it. */
struct action {
	void *handler;
	uint64_t flags;
	void *restorer;
	uint64_t mask;
};

/* In shared memory: signal frames are written by the kernel, which can't be told that a page is protected. */
static struct place {
	char selector; /* 0: calls are made, 1: they come to us */
	struct trap_handlers handlers;
	struct action call, fault;
	stack_t altstack;
	char stack[STACK_BYTES];
} *place;

/* Where handlers return to: a system call of our own. */
extern void trap_return(void) __attribute__((visibility("hidden")));
__asm__(".text\n"
	".globl trap_return\n"
	".hidden trap_return\n"
	".type trap_return, @function\n"
	"trap_return:\n"
	"	movl $15, %eax\n" /* rt_sigreturn */
	"	syscall\n"
	"	hlt\n"
	".size trap_return, . - trap_return\n");

/* Where a handler returns to that has closed the traps: sets the signal stack, then goes on as if nothing had been. */
extern void trap_leave(void) __attribute__((visibility("hidden")));
__attribute__((used, visibility("hidden"))) const stack_t *trap_altstack;
__attribute__((used, visibility("hidden"))) uint64_t trap_resume;
__asm__(".text\n"
	".globl trap_leave\n"
	".hidden trap_leave\n"
	".type trap_leave, @function\n"
	"trap_leave:\n"
	"	leaq -128(%rsp), %rsp\n" /* what stands below the stack pointer is the function's */
	"	pushq %rax\n"
	"	pushq %rdi\n"
	"	pushq %rsi\n"
	"	pushq %rcx\n"
	"	pushq %r11\n"
	"	movl $131, %eax\n" /* sigaltstack */
	"	movq trap_altstack(%rip), %rdi\n"
	"	movl $0, %esi\n"
	"	syscall\n"
	"	popq %r11\n"
	"	popq %rcx\n"
	"	popq %rsi\n"
	"	popq %rdi\n"
	"	popq %rax\n"
	"	leaq 128(%rsp), %rsp\n"
	"	jmp *trap_resume(%rip)\n"
	".size trap_leave, . - trap_leave\n");

/* Traps are closed: the call is made after all, with the signal stack that was there before. */
static void leave(ucontext_t *context)
{
	greg_t *at = &context->uc_mcontext.gregs[REG_RIP];

	trap_altstack = &place->altstack;
	trap_resume = (uint64_t)(*at - INSTRUCTION_BYTES);
	*at = (greg_t)(uintptr_t)trap_leave;
}

/* The mask that the call has set would end with this handler. */
static void keep_mask(ucontext_t *context)
{
	sys_call(SYS_rt_sigprocmask, SIG_BLOCK, 0, (long)&context->uc_sigmask, sizeof(uint64_t), 0, 0);
}

static void on_call(int number, siginfo_t *information, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
	long arguments[] = {registers[REG_RDI], registers[REG_RSI], registers[REG_RDX], registers[REG_R10],
		registers[REG_R8], registers[REG_R9]};
	long call = registers[REG_RAX], result;

	(void)number;
	(void)information;
	if (call == SYS_rt_sigreturn)
		registers[REG_RIP] = (greg_t)(uintptr_t)trap_return;
	else if (place->handlers.call(call, arguments, &result))
		registers[REG_RAX] = result;
	else
		leave(context);
	if (call == SYS_rt_sigprocmask)
		keep_mask(context);
}

static void on_fault(int number, siginfo_t *information, void *context)
{
	(void)number;
	(void)context;
	place->handlers.fault((uint64_t)(uintptr_t)information->si_addr);
}

static bool set_action(int number, const struct action *action, struct action *old)
{
	return sys_call(SYS_rt_sigaction, number, (long)action, (long)old, 8, 0, 0) == 0;
}

static bool handle(int number, void (*handler)(int, siginfo_t *, void *), struct action *old)
{
	struct action action = {
		.handler = (void *)(uintptr_t)handler,
		.flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | RESTORER,
		.restorer = (void *)(uintptr_t)trap_return,
	};

	return set_action(number, &action, old);
}

/*
 * The kernel notes in the thread control block on which processor the thread runs, whenever it is preempted, and ends the
 * process when it can't write there. It need not: all run on one.
 */
static bool leave_rseq(void)
{
	enum { AREA_BYTES = 32, UNREGISTER = 1, SIGNATURE = 0x53053053 };
	const ptrdiff_t *offset = real.dlsym(NULL, "__rseq_offset");
	const unsigned int *nbytes = real.dlsym(NULL, "__rseq_size");

	if (!offset || !nbytes || *nbytes == 0)
		return true;
	char *area = (char *)__builtin_thread_pointer() + *offset;
	return sys_call(SYS_rseq, (long)area, AREA_BYTES, UNREGISTER, SIGNATURE, 0, 0) == 0;
}

bool trap_open(const struct trap_handlers *handlers)
{
	uint64_t begin, end;

	place = sys_map(NULL, sizeof *place, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!place)
		return false;
	place->handlers = *handlers;
	stack_t altstack = {.ss_sp = place->stack, .ss_size = sizeof place->stack};
	module_own_range(&begin, &end);
	if (!leave_rseq() || sys_call3(SYS_sigaltstack, (long)&altstack, (long)&place->altstack, 0) != 0)
		return false;
	if (!handle(SIGSYS, on_call, &place->call) || !handle(SIGSEGV, on_fault, &place->fault))
		return false;
	place->selector = 1;
	if (sys_call(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, DISPATCH_ON, (long)begin, (long)(end - begin),
			(long)&place->selector, 0) == 0)
		return true;
	trap_close();
	return false;
}

/* While we stand on the signal stack it stays: see trap_leave. */
void trap_close(void)
{
	place->selector = 0;
	sys_call(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, DISPATCH_OFF, 0, 0, 0, 0);
	set_action(SIGSYS, &place->call, NULL);
	set_action(SIGSEGV, &place->fault, NULL);
	sys_call3(SYS_sigaltstack, (long)&place->altstack, 0, 0);
}

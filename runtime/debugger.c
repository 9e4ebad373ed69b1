#include "debugger.h"

#include "sys.h"

enum { POLL_NS = 20000000 };

__attribute__((noinline, noclone)) void debugger_stop(void)
{
	__asm__ volatile("" ::: "memory"); /* or calls would be left out */
}

void debugger_wait(void)
{
	struct debugger *debugger = &control->debugger;

	if (!debugger->wanted || debugger->attached)
		return;
	__atomic_store_n(&debugger->waiting, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&debugger->attached, __ATOMIC_ACQUIRE))
		sys_futex_wait(&debugger->attached, 0, POLL_NS);
}

void debugger_end(enum outcome outcome)
{
	struct debugger *debugger = &control->debugger;

	if (!debugger->attached || control_process != 1)
		return;
	debugger->outcome = outcome;
	debugger->paused = 1;
	debugger_stop();
}

/* A thread rounds as its creator did when it created it, and what it changes then is its own.
 * race: explore --carrier fiber --reuse restore --strategy random --max-executions 50
 * expect: clean
 * race: explore --carrier fiber --reuse fork --strategy random --max-executions 50
 * expect: clean
 * race: explore --carrier fiber --reuse exec --strategy random --max-executions 10
 * expect: clean
 * race: explore --carrier thread --strategy random --max-executions 50
 * expect: clean
 */
#include "threads.h"

enum {
	X87_UP = 0x800,
	X87_DOWN = 0x400,
	X87_ROUNDING = 0xc00,
	SSE_UP = 0x4000,
	SSE_DOWN = 0x2000,
	SSE_ROUNDING = 0x6000
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void expect_rounding(unsigned x87, unsigned sse)
{
	unsigned short word;

	__asm__ volatile("fnstcw %0" : "=m"(word));
	assert((word & X87_ROUNDING) == x87 && (__builtin_ia32_stmxcsr() & SSE_ROUNDING) == sse);
}

static void set_rounding(unsigned x87, unsigned sse)
{
	unsigned short word;

	__asm__ volatile("fnstcw %0" : "=m"(word));
	word = (unsigned short)((word & ~X87_ROUNDING) | x87);
	__asm__ volatile("fldcw %0" : : "m"(word));
	__builtin_ia32_ldmxcsr((__builtin_ia32_stmxcsr() & ~(unsigned)SSE_ROUNDING) | sse);
}

static void *find_and_change(void *up)
{
	expect_rounding(up ? X87_UP : X87_DOWN, up ? SSE_UP : SSE_DOWN);
	set_rounding(0, 0);
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
	expect_rounding(0, 0);
	return NULL;
}

int main(void)
{
	set_rounding(X87_UP, SSE_UP);
	pthread_t up = start(find_and_change, &mutex);
	set_rounding(X87_DOWN, SSE_DOWN);
	pthread_t down = start(find_and_change, NULL);
	finish(up);
	expect_rounding(X87_DOWN, SSE_DOWN);
	finish(down);
	return 0;
}

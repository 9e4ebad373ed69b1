#include "inquiry.h"

#include "control.h"
#include "sys.h"

int32_t inquiry_ask(enum inquiry_kind kind, uint32_t session)
{
	struct inquiry *inquiry = &control->inquiry;

	inquiry->kind = kind;
	inquiry->session = session;
	__atomic_store_n(&inquiry->word, INQUIRY_PENDING, __ATOMIC_RELEASE);
	__atomic_add_fetch(&control->results_written, 1, __ATOMIC_RELEASE);
	sys_futex_wake(&control->results_written, 1);
	while (__atomic_load_n(&inquiry->word, __ATOMIC_ACQUIRE) == INQUIRY_PENDING)
		sys_futex_wait(&inquiry->word, INQUIRY_PENDING, -1);
	inquiry->word = INQUIRY_NONE;
	return inquiry->answer;
}

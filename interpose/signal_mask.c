/* The mask of signals that a thread blocks: the kernel's, and known to its task. */
#include "interpose.h"

#include <signal.h>

#include "probe.h"
#include "shared/post.h"
#include "signals.h"
#include "task.h"

/* What was held and is let in now is this task's. */
static int mask_was_set(int result)
{
	signals_mask_moved();
	task_self()->signal_mask = signals_mask();
	post_admit(&control->world, task_self(), ~signals_mask());
	return result;
}

static int set_mask(int how, const sigset_t *set, sigset_t *old, int (*genuine)(int, const sigset_t *, sigset_t *))
{
	sigset_t spared;
	int result = genuine(how, probe_spare(set, &spared), old);

	if (result != 0)
		self.error = errno;
	return mask_was_set(result);
}

INTERPOSE(int, pthread_sigmask, (int how, const sigset_t *set, sigset_t *old), (how, set, old))
{
	return set_mask(how, set, old, genuine_pthread_sigmask);
}

INTERPOSE(int, sigprocmask, (int how, const sigset_t *set, sigset_t *old), (how, set, old))
{
	return set_mask(how, set, old, genuine_sigprocmask);
}

/* What BSD and System V called it, old but alive: the C library does not come by sigprocmask. */
INTERPOSE(int, sigsetmask, (int mask), (mask))
{
	return mask_was_set(genuine_sigsetmask(mask));
}

INTERPOSE(int, sigblock, (int mask), (mask))
{
	return mask_was_set(genuine_sigblock(mask));
}

INTERPOSE(int, sighold, (int number), (number))
{
	return mask_was_set(genuine_sighold(number));
}

INTERPOSE(int, sigrelse, (int number), (number))
{
	return mask_was_set(genuine_sigrelse(number));
}

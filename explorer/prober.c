#include "prober.h"

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shared/probe.h"

enum {
	QUIET_NS = 50000000,  /* nobody is asked before it has computed that long */
	SPIN_NS = 1000000000, /* what may count as spinning lasts at least that long */
	SPIN_OLD = 64,        /* and showed nothing new that many times in a row */
	KNOWN_OLD = 8,        /* where somebody was found to spin before */
	LOOP_BYTES = 4096,    /* a site is known when a sample lies that near */
};

void prober_open(struct prober *prober)
{
	memset(prober, 0, sizeof *prober);
}

void prober_begin(struct prober *prober)
{
	prober->began = false;
	prober->nstates = 0;
	prober->nold = 0;
}

static bool is_known(const struct prober *prober, uint64_t address)
{
	for (uint32_t i = 0; i < prober->nsites; i++)
		if (address - prober->sites[i] + LOOP_BYTES < 2 * LOOP_BYTES)
			return true;
	return false;
}

static bool is_new(struct prober *prober, uint64_t state)
{
	for (uint32_t i = 0; i < prober->nstates; i++)
		if (prober->states[i] == state)
			return false;
	if (prober->nstates < PROBER_STATES)
		prober->states[prober->nstates++] = state;
	return true;
}

static void take(struct prober *prober, const struct probe *probe)
{
	prober->pending = false;
	if (is_new(prober, probe->state)) {
		prober->nold = 0;
		return;
	}
	if (prober->nold++ == 0)
		prober->lowest = prober->highest = probe->address;
	if (probe->address < prober->lowest)
		prober->lowest = probe->address;
	if (probe->address > prober->highest)
		prober->highest = probe->address;
}

/* The value tells our signals from those of others. */
static void ask(struct prober *prober, struct control *control, int pid, int tid)
{
	siginfo_t information = {.si_code = SI_QUEUE};

	if (!kernel_thread_takes(pid, tid, PROBE_SIGNAL))
		return;
	information.si_signo = PROBE_SIGNAL;
	information.si_pid = getpid();
	information.si_uid = getuid();
	information.si_value.sival_int = PROBE_VALUE;
	__atomic_add_fetch(&control->probe.asked, 1, __ATOMIC_RELEASE);
	prober->pending = syscall(SYS_rt_tgsigqueueinfo, pid, tid, PROBE_SIGNAL, &information) == 0;
}

static bool has_answer(const struct control *control)
{
	const struct probe *probe = &control->probe;

	return __atomic_load_n(&probe->answered, __ATOMIC_ACQUIRE) == probe->asked;
}

static void learn(struct prober *prober, uint64_t site)
{
	if (!is_known(prober, site) && prober->nsites < PROBER_SITES)
		prober->sites[prober->nsites++] = site;
}

bool prober_look(struct prober *prober, struct control *control, int pid, int tid,
	const struct kernel_thread *thread, uint64_t *site)
{
	if (!prober->began) {
		prober->began = true;
		prober->user_ns = thread->user_ns;
		prober->system_ns = thread->system_ns;
	}
	uint64_t user_ns = thread->user_ns - prober->user_ns, system_ns = thread->system_ns - prober->system_ns;
	if (user_ns < QUIET_NS || system_ns > user_ns)
		return false; /* in the kernel a signal could cut a call short */
	if (prober->pending && !has_answer(control))
		return false;
	if (prober->pending)
		take(prober, &control->probe);
	bool known = is_known(prober, prober->lowest);
	if (prober->nold >= (known ? KNOWN_OLD : SPIN_OLD) && (known || user_ns >= SPIN_NS)) {
		*site = prober->lowest;
		learn(prober, *site);
		return true;
	}
	ask(prober, control, pid, tid);
	return false;
}

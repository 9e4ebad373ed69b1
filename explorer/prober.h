/*
 * Does a task that reaches no scheduling point compute, or does it only wait for memory to change? It is interrupted by
 * a signal now and then, whose handler in librace.so leaves the state of the registers and of the top of the stack in
 * the control block. Who computes is hardly ever twice in the same state; who spins soon has no new ones.
 */
#ifndef RACE_EXPLORER_PROBER_H
#define RACE_EXPLORER_PROBER_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel_thread.h"
#include "shared/control.h"

enum { PROBER_STATES = 256, PROBER_SITES = 32 };

struct prober {
	uint64_t user_ns, system_ns;     /* of the thread, when this stretch began */
	bool began, pending;
	uint32_t nstates, nold;          /* states seen; samples in a row that showed no new one */
	uint64_t states[PROBER_STATES];
	uint64_t lowest, highest;        /* addresses of the samples in a row */
	uint32_t nsites;
	uint64_t sites[PROBER_SITES];   /* where tasks were found to spin: sooner recognised the next time */
};

/* Nothing is known yet. */
void prober_open(struct prober *prober);

/* The task has made progress, or another one runs: a new stretch begins. What is known of sites stays. */
void prober_begin(struct prober *prober);

/*
 * Takes in the last sample and asks for the next one. True: the thread spins, at *site. To be called every few
 * milliseconds while it runs without reaching a point.
 */
bool prober_look(struct prober *prober, struct control *control, int pid, int tid,
	const struct kernel_thread *thread, uint64_t *site);

#endif

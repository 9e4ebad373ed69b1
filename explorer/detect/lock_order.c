/*
 * Lock-order cycles in one trace (Havelund, SPIN 2000): tasks that take locks in an order in which they could block
 * each other for ever, although this time they did not. Not reported: cycles within one task, cycles whose
 * acquisitions are all made under one more lock (a gate), acquisitions that what tasks tell each other keeps apart (by
 * creation, join, conditions, semaphores ...), locks only shared, and trylocks, which never block.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../hb.h"
#include "../holding.h"
#include "../object_label.h"
#include "detector.h"

enum { MOST_EDGES = 4096, MOST_GATES = 8, MOST_LENGTH = 4, MOST_CYCLES = 64, MOST_SEARCH = 1000000 };

/* A task took `inner` while it held `outer` and the gates. */
struct edge {
	struct holding outer, inner;
	uint32_t ngates;
	uint32_t gates[MOST_GATES];
};

struct graph {
	const struct trace *trace;
	struct hb *hb;
	struct edge *edges;
	uint32_t n, ncycles, nsearched;
	struct finding_list *out;
	bool short_of_memory;
};

static bool may_block(const struct trace *trace, const struct holding *taken)
{
	switch (trace->announces[taken->announce].request.op) {
	case OP_MUTEX_LOCK: case OP_SPIN_LOCK: case OP_RWLOCK_RDLOCK: case OP_RWLOCK_WRLOCK: case OP_COND_WAKE:
		return true;
	default:
		return false;
	}
}

static bool is_lock(const struct trace *trace, const struct holding *holding)
{
	uint16_t kind = trace->objects[holding->object].kind;
	return holding->announce != HOLDING_GUARDED &&
		(kind == OBJECT_MUTEX || kind == OBJECT_RWLOCK || kind == OBJECT_SPIN);
}

static bool gates_equal(const struct edge *left, const struct edge *right)
{
	return left->ngates == right->ngates &&
		memcmp(left->gates, right->gates, left->ngates * sizeof(left->gates[0])) == 0;
}

static bool is_known(const struct graph *graph, const struct edge *edge)
{
	for (uint32_t i = 0; i < graph->n; i++) {
		const struct edge *known = &graph->edges[i];
		if (known->outer.object == edge->outer.object && known->inner.object == edge->inner.object &&
			known->inner.task == edge->inner.task && known->outer.shared == edge->outer.shared &&
			known->inner.shared == edge->inner.shared && gates_equal(known, edge))
			return true;
	}
	return false;
}

static void edges_note(void *state, const struct holdings *holdings, const struct holding *taken)
{
	struct graph *graph = state;
	if (!is_lock(graph->trace, taken) || !may_block(graph->trace, taken))
		return;
	for (uint32_t i = 0; i < holdings->n && graph->n < MOST_EDGES; i++) {
		struct edge edge = {.outer = holdings->items[i], .inner = *taken};
		if (edge.outer.task != taken->task || !is_lock(graph->trace, &edge.outer))
			continue;
		for (uint32_t k = 0; k < holdings->n && edge.ngates < MOST_GATES; k++)
			if (k != i && holdings->items[k].task == taken->task && !holdings->items[k].shared)
				edge.gates[edge.ngates++] = holdings->items[k].object;
		if (!is_known(graph, &edge))
			graph->edges[graph->n++] = edge;
	}
}

static bool have_common_gate(const struct edge *left, const struct edge *right)
{
	for (uint32_t i = 0; i < left->ngates; i++)
		for (uint32_t k = 0; k < right->ngates; k++)
			if (left->gates[i] == right->gates[k])
				return true;
	return false;
}

/* Could both wait at the same time, the first for what the second holds? */
static bool can_follow(const struct edge *from, const struct edge *to)
{
	return from->inner.object == to->outer.object && !(from->inner.shared && to->outer.shared);
}

static bool can_meet(const struct graph *graph, const struct edge *left, const struct edge *right)
{
	return left->inner.task != right->inner.task && !have_common_gate(left, right) &&
		hb_is_concurrent(graph->hb, left->inner.step, right->inner.step);
}

static int cycle_tell(const struct graph *graph, const struct edge *const *cycle, uint32_t n, struct finding *finding)
{
	char *text = NULL, outer[OBJECT_LABEL_BYTES], inner[OBJECT_LABEL_BYTES];
	size_t nbytes = 0;
	FILE *out = open_memstream(&text, &nbytes);
	if (!out)
		return -1;
	for (uint32_t i = 0; i < n; i++)
		fprintf(out, "%s%s takes %s while it holds %s", i ? ", " : "",
			trace_task_name(graph->trace, cycle[i]->inner.task),
			object_label(graph->trace, cycle[i]->inner.object, inner, sizeof(inner)),
			object_label(graph->trace, cycle[i]->outer.object, outer, sizeof(outer)));
	int status = fclose(out) ? -1 : finding_set_message(finding, "lock-order: %s: they can block each other", text);
	free(text);
	return status;
}

static int place_add(const struct graph *graph, const struct holding *holding, struct finding *finding)
{
	char label[OBJECT_LABEL_BYTES];
	return finding_add_place(finding, graph->trace, holding->announce, holding->step, "%s took %s",
		trace_task_name(graph->trace, holding->task),
		object_label(graph->trace, holding->object, label, sizeof(label)));
}

static int cycle_describe(const struct graph *graph, const struct edge *const *cycle, uint32_t n,
	struct finding *finding)
{
	if (cycle_tell(graph, cycle, n, finding) ||
		finding_set_subject(finding, object_label_class(graph->trace, cycle[0]->outer.object)))
		return -1;
	for (uint32_t i = 0; i < n; i++)
		if (place_add(graph, &cycle[i]->outer, finding) || place_add(graph, &cycle[i]->inner, finding))
			return -1;
	return 0;
}

static void cycle_report(struct graph *graph, const struct edge *const *cycle, uint32_t n)
{
	struct finding *finding = finding_new("lock-order");
	graph->ncycles++;
	if (!finding || cycle_describe(graph, cycle, n, finding)) {
		finding_close(finding);
		graph->short_of_memory = true;
	} else if (finding_list_add(graph->out, finding)) {
		graph->short_of_memory = true;
	}
}

/* The same locks in the same order were reported already, taken by other tasks or elsewhere. */
static bool is_reported(const struct graph *graph, const struct edge *const *cycle, uint32_t n)
{
	for (uint32_t i = 0; i < graph->out->n; i++) {
		const struct finding *finding = graph->out->items[i];
		bool same = strcmp(finding->kind, "lock-order") == 0 && finding->nplaces == 2 * n;
		for (uint32_t k = 0; same && k < n; k++) {
			uint32_t step = finding->places[2 * k].step;
			const struct request *request = &trace_step_announce(graph->trace, step)->request;
			same = request->object == cycle[k]->outer.object || request->second == cycle[k]->outer.object;
		}
		if (same)
			return true;
	}
	return false;
}

/* Lengthens the path by edges that lead back to its start, through locks above the first. */
static void cycle_search(struct graph *graph, const struct edge **path, uint32_t n)
{
	if (can_follow(path[n - 1], path[0]) && n > 1) {
		if (!is_reported(graph, path, n))
			cycle_report(graph, path, n);
		return;
	}
	for (uint32_t i = 0; i < graph->n && n < MOST_LENGTH; i++) {
		const struct edge *next = &graph->edges[i];
		bool fits = next->outer.object > path[0]->outer.object && can_follow(path[n - 1], next);
		for (uint32_t k = 0; k < n && fits; k++)
			fits = can_meet(graph, path[k], next);
		if (graph->ncycles >= MOST_CYCLES || graph->short_of_memory || ++graph->nsearched > MOST_SEARCH)
			return;
		if (fits) {
			path[n] = next;
			cycle_search(graph, path, n + 1);
		}
	}
}

static int judge(const struct trace *trace, struct finding_list *out)
{
	struct graph graph = {.trace = trace, .out = out};
	struct holdings holdings = {.acquired = edges_note, .state = &graph};
	graph.edges = calloc(MOST_EDGES, sizeof(*graph.edges));
	graph.hb = hb_open(trace, HB_SIGNALS, trace->nsteps);
	graph.short_of_memory = !graph.edges || !graph.hb || holdings_replay(&holdings, trace);
	for (uint32_t i = 0; i < graph.n && !graph.short_of_memory; i++) {
		const struct edge *path[MOST_LENGTH] = {&graph.edges[i]};
		cycle_search(&graph, path, 1);
	}
	holdings_fini(&holdings);
	hb_close(graph.hb);
	free(graph.edges);
	return graph.short_of_memory ? -1 : 0;
}

const struct detector detector_lock_order = {
	.name = "lock-order",
	.help = "locks taken in orders that can deadlock, although this time they did not",
	.judge = judge,
};

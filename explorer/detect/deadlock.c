/*
 * Deadlocks. The runtime says that nobody could go on; here it is worked out who waits for what held by whom. A cycle
 * is told alone; without one, those whose wait nobody is left to end come first, then who waits for them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../object_label.h"
#include "detector.h"
#include "waiting.h"

enum { TOLD_TASKS = 8, TEXT_BYTES = 512 };

static bool waits_for_blocked(const struct waits *waits, uint16_t task)
{
	const struct wait *wait = &waits->items[task];
	for (uint32_t i = 0; i < wait->ntargets; i++)
		if (waits->items[wait->targets[i]].task)
			return true;
	return false;
}

/* Without a cycle: roots first. */
static uint32_t blocked_in_order(const struct waits *waits, const struct trace *trace, uint16_t *out)
{
	uint32_t n = 0;
	for (int dependent = 0; dependent < 2; dependent++)
		for (uint16_t id = 1; id <= trace->ntasks; id++)
			if (waits->items[id].task && waits_for_blocked(waits, id) == dependent)
				out[n++] = id;
	return n;
}

static int tell(const struct waits *waits, const struct trace *trace, const uint16_t *tasks, uint32_t n,
	uint32_t nblocked, struct finding *finding)
{
	char *text = NULL, part[TEXT_BYTES];
	size_t nbytes = 0;
	uint32_t told = n < TOLD_TASKS ? n : TOLD_TASKS;
	FILE *out = open_memstream(&text, &nbytes);
	if (!out)
		return -1;
	for (uint32_t i = 0; i < told; i++)
		fprintf(out, "%s%s %s", i ? ", " : "", trace_task_name(trace, tasks[i]),
			waits_text(waits, trace, tasks[i], part, sizeof(part)));
	if (nblocked > told)
		fprintf(out, "; %u more %s blocked", nblocked - told, nblocked - told == 1 ? "task is" : "tasks are");
	int status = fclose(out) ? -1 : finding_set_message(finding, "deadlock: %s", n ? text : "no task can go on");
	free(text);
	return status;
}

static int place_holder(const struct trace *trace, const struct holding *holding, struct finding *finding)
{
	char label[OBJECT_LABEL_BYTES];
	const char *task = trace_task_name(trace, holding->task);
	object_label(trace, holding->object, label, sizeof(label));
	if (holding->announce != HOLDING_GUARDED)
		return finding_add_place(finding, trace, holding->announce, holding->step, "%s acquired %s", task, label);
	struct finding_site site = {.task = holding->task, .step = holding->step, .address = holding->site};
	return finding_add_site(finding, trace, &site, "%s acquired %s", task, label);
}

static int place_task(const struct waits *waits, const struct trace *trace, uint16_t task, struct finding *finding)
{
	const struct wait *wait = &waits->items[task];
	const struct holding *holding = NULL;
	char part[TEXT_BYTES];
	if (finding_add_place(finding, trace, wait->announce, ~0u, "%s %s", trace_task_name(trace, task),
			waits_text(waits, trace, task, part, sizeof(part))))
		return -1;
	while (wait->is_lock && (holding = holdings_next(&waits->holdings, wait->object, holding)))
		if (place_holder(trace, holding, finding))
			return -1;
	return 0;
}

static const char *class_of(const struct waits *waits, const struct trace *trace, const uint16_t *tasks, uint32_t n,
	bool cycle)
{
	const struct wait *first = &waits->items[tasks[0]];
	if (cycle)
		return n == 1 ? "self-deadlock" : "cycle";
	if (n && first->is_lock && first->ntargets)
		return "held by an ended task";
	if (n && trace->announces[first->announce].request.op == OP_COND_WAKE)
		return "lost signal";
	return "nobody left";
}

/* The kinds of the objects that the deadlock is about, each once, in the order of the kinds. */
static int subject_set(const struct waits *waits, const struct trace *trace, const uint16_t *tasks, uint32_t n,
	bool cycle, struct finding *finding)
{
	bool kinds[OBJECT_KIND_COUNT] = {false};
	char subject[TEXT_BYTES] = "";
	for (uint32_t i = 0; i < n; i++)
		if (cycle || !waits_for_blocked(waits, tasks[i]))
			kinds[trace->objects[waits->items[tasks[i]].object].kind] = true;
	for (uint16_t kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
		if (!kinds[kind])
			continue;
		if (subject[0])
			strncat(subject, " ", sizeof(subject) - strlen(subject) - 1);
		strncat(subject, object_kind_text(kind), sizeof(subject) - strlen(subject) - 1);
	}
	return finding_set_subject(finding, subject);
}

static int describe(const struct waits *waits, const struct trace *trace, struct finding *finding)
{
	uint16_t tasks[LIMIT_TASKS] = {0}, blocked[LIMIT_TASKS];
	uint32_t nblocked = blocked_in_order(waits, trace, blocked);
	uint32_t n = waits_cycle(waits, trace, tasks);
	bool cycle = n > 0;
	if (!cycle) {
		memcpy(tasks, blocked, nblocked * sizeof(*tasks));
		n = nblocked;
	}
	if (tell(waits, trace, tasks, n, cycle ? n : nblocked, finding) ||
		finding_set_class(finding, class_of(waits, trace, tasks, n, cycle)) ||
		subject_set(waits, trace, tasks, n, cycle, finding))
		return -1;
	for (uint32_t i = 0; i < n && i < TOLD_TASKS; i++)
		if (place_task(waits, trace, tasks[i], finding))
			return -1;
	return 0;
}

static int judge(const struct trace *trace, struct finding_list *out)
{
	struct waits waits;
	if (trace->result.outcome != OUTCOME_DEADLOCK)
		return 0;
	struct finding *finding = finding_new("deadlock");
	int status = finding ? waits_find(&waits, trace) : -1;
	if (finding) {
		status = status ? status : describe(&waits, trace, finding);
		waits_fini(&waits);
	}
	if (!status)
		return finding_list_add(out, finding);
	finding_close(finding);
	return -1;
}

const struct detector detector_deadlock = {
	.name = "deadlock",
	.help = "no task can go on: who waits for what held by whom",
	.judge = judge,
};

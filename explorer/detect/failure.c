#include "failure.h"

#include <string.h>

static bool is_same(const struct trace_fail *left, const struct trace_fail *right)
{
	return left->what == right->what && strcmp(left->text, right->text) == 0 &&
		strcmp(left->file, right->file) == 0 && strcmp(left->function, right->function) == 0;
}

static bool is_repeated(const struct trace *trace, uint32_t index)
{
	for (uint32_t i = 0; i < index; i++)
		if (is_same(&trace->fails[i], &trace->fails[index]))
			return true;
	return false;
}

static int describe(const struct trace *trace, const struct trace_fail *fail, const char *words,
	struct finding *finding)
{
	const char *task = trace_task_name(trace, fail->task);
	struct finding_site site = {.task = fail->task, .step = trace->nsteps ? fail->at_step : ~0u,
		.npcs = fail->npcs, .pcs = fail->pcs, .address = fail->site};
	if (finding_set_message(finding, "%s: %s, in %s", words, fail->text[0] ? fail->text : "no text", task))
		return -1;
	/* its text tells one failure from another where functions have no names */
	if (finding_set_subject(finding, fail->text))
		return -1;
	return finding_add_site(finding, trace, &site, "%s: %s", task, words);
}

int failure_report(const struct trace *trace, uint32_t what, const char *kind, const char *words,
	struct finding_list *out)
{
	for (uint32_t i = 0; i < trace->nfails; i++) {
		if (trace->fails[i].what != what || is_repeated(trace, i))
			continue;
		struct finding *finding = finding_new(kind);
		if (!finding || describe(trace, &trace->fails[i], words, finding)) {
			finding_close(finding);
			return -1;
		}
		if (finding_list_add(out, finding))
			return -1;
	}
	return 0;
}

bool failure_is_in(const struct trace *trace, uint32_t what)
{
	for (uint32_t i = 0; i < trace->nfails; i++)
		if (trace->fails[i].what == what)
			return true;
	return false;
}

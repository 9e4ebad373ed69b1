#include "summary.h"

#include <string.h>

#include "phrase.h"

enum { WRITTEN_SHOWN = 10 };

static void add(struct summary *summary, struct pool *pool, const char *label, const char *text)
{
	summary->lines = pool_grow(pool, summary->lines, summary->nlines, sizeof(*summary->lines));
	summary->lines[summary->nlines++] = (struct summary_line){label, text};
}

static void add_verdict(struct summary *summary, struct pool *pool, const struct document *document)
{
	const char *text;

	if (document->nfindings)
		text = phrase_count(pool, document->nfindings, "finding");
	else if (strcmp(document->verdict, document_verdict(VERDICT_CLEAN)) == 0)
		text = "no finding in what was explored";
	else
		text = pool_print(pool, "%s (exit %d)", document->verdict, document->exit_code);
	add(summary, pool, "verdict", text);
}

static const char *rate(struct pool *pool, double per_second)
{
	if (per_second >= 10)
		return pool_print(pool, "%s/s", phrase_number(pool, (uint64_t)(per_second + 0.5)));
	return pool_print(pool, "%.1f/s", per_second);
}

static void add_executions(struct summary *summary, struct pool *pool, const struct document *document)
{
	const char *text = pool_print(pool, "%s in %.*f s (%s), %s", phrase_count(pool, document->executions, "execution"),
		document->seconds < 10 ? 2 : 0, document->seconds, rate(pool, document->executions_per_second),
		phrase_count(pool, document->distinct_traces, "distinct trace"));

	add(summary, pool, "explored", text);
	if (document->reference_executions || document->confirming_executions)
		add(summary, pool, "explored", pool_print(pool, "besides: %s, %s",
			phrase_count(pool, document->reference_executions, "reference execution"),
			phrase_count(pool, document->confirming_executions, "confirming execution")));
	add(summary, pool, "granularity", "synchronisation, descriptors and database statements; "
		"plain memory accesses are not interleaved");
}

static void add_exhaustion(struct summary *summary, struct pool *pool, const struct document *document)
{
	const char *what = document->exhausted_what ? document->exhausted_what : "interleavings";
	const char *why;

	if (document->exhausted) {
		why = document->bound < 0 ? "" : pool_print(pool, " with at most %s",
			phrase_count(pool, (uint64_t)document->bound, "preemption"));
		add(summary, pool, "exhausted", pool_print(pool, "all interleavings of %s%s", what, why));
		return;
	}
	if (document->nfindings && !document->budget_used && !document->executions_used)
		why = "; stopped at the first finding (--keep-going goes on)";
	else if (document->interrupted)
		why = "; interrupted";
	else if (document->budget_used)
		why = "; the budget was used up";
	else
		why = document->executions_used ? "; --max-executions was reached" : "";
	add(summary, pool, "exhausted", pool_print(pool, "nothing%s", why));
	if (document->fraction_left >= 0 && document->executions)
		add(summary, pool, "exhausted", pool_print(pool, "about %.1f %% not seen (estimate)",
			document->fraction_left * 100));
}

static void add_units(struct summary *summary, struct pool *pool, const struct document *document)
{
	const char *text = pool_print(pool, "%s, %s", phrase_number(pool, document->units),
		phrase_count(pool, document->overlapping_pairs, "overlapping pair"));

	if (document->refused)
		text = pool_print(pool, "%s, %u refused", text, document->refused);
	if (document->suspects)
		text = pool_print(pool, "%s, %u suspect", text, document->suspects);
	add(summary, pool, "units", text);
}

const char *summary_notice(struct pool *pool, const struct document *document)
{
	const char *units = phrase_count(pool, document->units, "unit");

	if (!document->judged || document->overlapping_pairs || document->nfindings)
		return NULL;
	if (document->distinct_traces < 2)
		return pool_print(pool, "nothing could interleave: %s, 0 overlapping", units);
	return pool_print(pool, "no units could interleave: %s, 0 overlapping; only tasks that belong to one unit or to none "
		"did, and were judged by how they ended", units);
}

static void add_written(struct summary *summary, struct pool *pool, const struct document *document)
{
	uint32_t index, nshown = document->nwritten > WRITTEN_SHOWN ? WRITTEN_SHOWN - 1 : document->nwritten;

	for (index = 0; index < nshown; index++)
		add(summary, pool, "written", pool_print(pool, "%s (%s)", document->written[index].path,
			document->written[index].how));
	if (nshown < document->nwritten)
		add(summary, pool, "written", pool_print(pool, "and %s more; --json FILE lists them",
			phrase_number(pool, document->nwritten - nshown)));
}

static void add_lists(struct summary *summary, struct pool *pool, const struct document *document)
{
	const struct document_uncontrolled *item;
	const char *ignored = "";
	uint32_t index;

	for (index = 0; index < document->nremarks; index++)
		add(summary, pool, "remark", document->remarks[index]);
	for (index = 0; index < document->nignored; index++)
		ignored = pool_print(pool, "%s%s%s", ignored, index ? ", " : "", document->ignored[index]);
	if (document->nignored)
		add(summary, pool, "ignored", ignored);
	add_written(summary, pool, document);
	for (index = 0; index < document->nuncontrolled; index++) {
		item = &document->uncontrolled[index];
		add(summary, pool, "uncontrolled", pool_print(pool, "%s%s%s%s", item->reason, *item->where ? ": " : "",
			item->where, item->count > 1 ? pool_print(pool, " (%s times)",
			phrase_number(pool, item->count)) : ""));
	}
}

const struct summary *summary_build(struct pool *pool, const struct document *document)
{
	struct summary *summary = pool_take(pool, sizeof(*summary));

	add_verdict(summary, pool, document);
	if (document->ran) {
		add_executions(summary, pool, document);
		add_exhaustion(summary, pool, document);
		if (document->judged)
			add_units(summary, pool, document);
		add(summary, pool, "how", pool_print(pool, "strategy %s, seed %llu, carrier %s, reuse %s%s%s%s",
			document->strategy, (unsigned long long)document->seed, document->carrier, document->reuse,
			document->fallback ? " (" : "", document->fallback ? document->fallback : "",
			document->fallback ? ")" : ""));
	}
	add_lists(summary, pool, document);
	return summary;
}

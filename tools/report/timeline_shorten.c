#include <stdlib.h>
#include <string.h>

#include "phrase.h"
#include "timeline.h"

/* Distance of each entry from the nearest thing that a reader must not miss. */
static void measure(const struct timeline *timeline, uint32_t *distances)
{
	uint32_t count = timeline->nentries, index, run;
	enum entry_kind kind;

	for (run = 2, index = 0; index < count; index++, run++) {
		kind = timeline->entries[index].kind;
		if (kind == ENTRY_PREEMPTION || kind == ENTRY_FAILURE || kind == ENTRY_BLOCKED || kind == ENTRY_EFFECT)
			run = 0;
		distances[index] = run;
	}
	/* the end is always interesting, the beginning a little */
	for (run = 0, index = count; index-- > 0; run++) {
		if (distances[index] == 0)
			run = 0;
		if (run < distances[index])
			distances[index] = run;
	}
}

static uint32_t largest_radius(const uint32_t *distances, uint32_t count, uint32_t most)
{
	uint32_t radius, kept, index;

	for (radius = most; radius > 0; radius--) {
		for (kept = 0, index = 0; index < count; index++)
			kept += distances[index] <= radius;
		if (kept <= most)
			return radius;
	}
	return 0;
}

static struct timeline_entry gap_of(struct pool *pool, const struct timeline_entry *first, uint32_t count)
{
	return (struct timeline_entry){.kind = ENTRY_GAP, .column = first->column, .step = first->step,
		.text = pool_print(pool, "... %s more", phrase_number(pool, count))};
}

void timeline_shorten(struct timeline *timeline, struct pool *pool, uint32_t most)
{
	uint32_t count = timeline->nentries, kept = 0, index, end, radius;
	struct timeline_entry *entries;
	uint32_t *distances;

	if (!most || count <= most)
		return;
	distances = pool_take(pool, count * sizeof(*distances));
	entries = pool_take(pool, count * sizeof(*entries));
	measure(timeline, distances);
	radius = largest_radius(distances, count, most);
	for (index = 0; index < count; index = end) {
		end = index + 1;
		if (distances[index] <= radius) {
			entries[kept++] = timeline->entries[index];
			continue;
		}
		while (end < count && distances[end] > radius)
			end++;
		timeline->nomitted += end - index;
		entries[kept++] = gap_of(pool, &timeline->entries[index], end - index);
	}
	timeline->entries = entries;
	timeline->nentries = kept;
}

#include "mixture.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "db/digest.h"
#include "db/sqlite_code.h"

bool mixture_loops(const struct unit_list *units, uint32_t unit)
{
	const struct trace *trace = units->trace;
	uint32_t *last = calloc(trace->nstatements + 1UL, sizeof *last); /* transaction + 1 of each statement's last run */
	uint32_t number = 1;
	bool loops = false;

	for (uint32_t i = 0; last && i < trace->ntransactions && !loops; i++) {
		const struct trace_transaction *transaction = &trace->transactions[i];
		if (unit_of(units, transaction->task, transaction->at_step) != unit + 1)
			continue;
		uint32_t statement = transaction->statement;
		if (statement && statement <= trace->nstatements && transaction->changes &&
		    sqlite_code_is_success(transaction->error)) {
			loops = last[statement] && last[statement] != number;
			last[statement] = number;
		}
		number += transaction->ended != 0;
	}
	free(last);
	return loops;
}

static bool is_whole(const struct reference *reference)
{
	return reference->usable && !reference->marked;
}

/* Hashes of rows and their tables. */
struct row_set {
	size_t n;
	uint64_t *hashes;
};

static int compare_hashes(const void *left, const void *right)
{
	const uint64_t *l = left, *r = right;

	return *l < *r ? -1 : *l > *r;
}

/* Adds all rows of an image. False when memory is short. */
static bool row_set_add(struct row_set *set, const struct image *image)
{
	struct digest *digest = digest_open(image);
	bool done = digest != NULL;

	for (uint32_t i = 0; done && i < digest->ntables; i++) {
		const struct digest_table *table = &digest->tables[i];
		const char *name = image->tables[table->table].name;
		uint64_t *grown = realloc(set->hashes, (set->n + table->nrows + 1) * sizeof *grown);
		done = grown != NULL;
		if (!done)
			break;
		set->hashes = grown;
		for (uint32_t j = 0; j < table->nrows; j++)
			grown[set->n++] = XXH3_64bits_withSeed(name, strlen(name), table->rows[j]);
	}
	digest_close(digest);
	return done;
}

/* Is every row of the image one of some reference's? */
static bool image_is_mixture(const struct explain_question *question, const struct image *image)
{
	struct row_set known = {0}, rows = {0};
	bool mixture = row_set_add(&rows, image);

	for (uint32_t i = 0; mixture && i < question->nreferences; i++) {
		const struct image *other = is_whole(question->references[i]) ?
			ending_image(question->references[i]->ending, image->database) : NULL;
		mixture = !other || row_set_add(&known, other);
	}
	if (known.n)
		qsort(known.hashes, known.n, sizeof *known.hashes, compare_hashes);
	for (size_t i = 0; mixture && i < rows.n; i++)
		mixture = known.n && bsearch(&rows.hashes[i], known.hashes, known.n, sizeof *known.hashes, compare_hashes);
	free(known.hashes);
	free(rows.hashes);
	return mixture;
}

static bool effect_is_known(const struct explain_question *question, const struct ending_effect *effect)
{
	const char *key = mask_hides_effect(question->mask, effect->name) ? NULL : effect->key;

	for (uint32_t i = 0; i < question->nreferences; i++)
		if (is_whole(question->references[i]) &&
		    ending_count(question->references[i]->ending, effect->name, key))
			return true;
	return false;
}

bool mixture_has_loops(const struct explain_question *question)
{
	for (uint32_t i = 0; i < question->nreferences; i++)
		for (uint32_t j = 0; is_whole(question->references[i]) && j < question->references[i]->nunits; j++)
			if (question->references[i]->units[j].loops)
				return true;
	return false;
}

bool mixture_is(const struct explain_question *question)
{
	bool mixture = mixture_has_loops(question);

	for (uint32_t i = 0; mixture && i < question->ending->neffects; i++)
		mixture = effect_is_known(question, &question->ending->effects[i]);
	for (uint32_t i = 0; mixture && i < question->ending->nimages; i++)
		mixture = image_is_mixture(question, question->ending->images[i]);
	return mixture;
}

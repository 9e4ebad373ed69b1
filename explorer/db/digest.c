#include "digest.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "../arena.h"

enum { DIGEST_ROUNDS = 3, TOKEN_TABLE = -1 };

struct node {
	uint64_t key; /* hash of what it stands for, 0: free */
	uint64_t colour, sum;
};

struct colouring {
	const struct image *image;
	struct digest *digest;
	struct node *nodes; /* hash table, a power of two of them; NULL: none needed */
	size_t nslots;
	bool *connects;     /* by table of the digest: has it nodes? Most have none */
};

static uint64_t mix(uint64_t left, uint64_t right)
{
	uint64_t pair[2] = {left, right};

	return XXH3_64bits(pair, sizeof pair);
}

/* Names compare without letter case, as they do in SQL. */
static uint64_t name_hash(const char *name)
{
	char lower[128];
	size_t length = 0;

	for (; name[length] && length < sizeof lower; length++)
		lower[length] = name[length] >= 'A' && name[length] <= 'Z' ? (char)(name[length] + 32) : name[length];
	return XXH3_64bits(lower, length);
}

enum value_role { ROLE_DROPPED, ROLE_NATURAL, ROLE_HIDDEN, ROLE_NODE };

/* NULL and the empty text say "not there yet" and always count as they are. */
static enum value_role value_role(const struct image_column *column, const struct image_value *value)
{
	if (column->flags & COLUMN_IGNORED)
		return ROLE_DROPPED;
	if (value->bytes[0] == 's' || (column->flags & COLUMN_VOLATILE && value->nbytes > 1))
		return ROLE_NODE;
	return column->flags & COLUMN_HIDDEN && value->nbytes > 1 ? ROLE_HIDDEN : ROLE_NATURAL;
}

static uint64_t node_key(uint32_t table, const struct image_column *column, const struct image_value *value)
{
	int64_t owner = TOKEN_TABLE;

	if (value->bytes[0] == 's')
		owner = column->flags & COLUMN_SURROGATE ? (int64_t)table : column->refers;
	uint64_t key = mix((uint64_t)owner, XXH3_64bits(value->bytes + 1, value->nbytes - 1));
	return key ? key : 1;
}

/* The node with this key, or the free slot where it belongs. */
static struct node *node_slot(const struct colouring *colouring, uint64_t key)
{
	size_t at = key & (colouring->nslots - 1);

	while (colouring->nodes[at].key && colouring->nodes[at].key != key)
		at = (at + 1) & (colouring->nslots - 1);
	return &colouring->nodes[at];
}

/* Calls `visit` for each node of a row; gives up the row's hash so far as `state`. */
static void row_visit(const struct colouring *colouring, uint32_t table_index, uint32_t row, void *state,
	void (*visit)(const struct colouring *colouring, void *state, uint32_t column, struct node *node))
{
	const struct image_table *table = &colouring->image->tables[table_index];
	const struct image_value *values = table->values + (size_t)row * table->ncolumns;

	for (uint32_t i = 0; i < table->ncolumns; i++) {
		if (value_role(&table->columns[i], &values[i]) != ROLE_NODE)
			continue;
		uint64_t key = node_key(table_index, &table->columns[i], &values[i]);
		struct node *node = node_slot(colouring, key);
		node->key = key;
		visit(colouring, state, i, node);
	}
}

static void visit_fold(const struct colouring *colouring, void *state, uint32_t column, struct node *node)
{
	uint64_t *hash = state;

	(void)colouring;
	*hash = mix(*hash, mix(node->colour, column));
}

static void visit_add(const struct colouring *colouring, void *state, uint32_t column, struct node *node)
{
	(void)colouring;
	node->sum += mix(*(uint64_t *)state, column);
}

/* Hash over what needs no renaming, begun with that of the table's name. */
static uint64_t natural_hash(const struct image_table *table, uint32_t row, uint64_t hash)
{
	const struct image_value *values = table->values + (size_t)row * table->ncolumns;

	for (uint32_t i = 0; i < table->ncolumns; i++) {
		enum value_role role = value_role(&table->columns[i], &values[i]);
		if (role == ROLE_NATURAL)
			hash = mix(hash, XXH3_64bits_withSeed(values[i].bytes, values[i].nbytes, i + 1));
		else if (role == ROLE_HIDDEN)
			hash = mix(hash, i);
	}
	return hash;
}

static size_t count_nodes(const struct image_table *table)
{
	const struct image_value *value = table->values;
	size_t n = 0;

	for (uint32_t i = 0; i < table->nrows; i++)
		for (uint32_t j = 0; j < table->ncolumns; j++)
			n += value_role(&table->columns[j], value++) == ROLE_NODE;
	return n;
}

/* Makes room for the nodes; without any there is nothing to colour. -1: memory is short. */
static int find_nodes(struct colouring *colouring)
{
	struct digest *digest = colouring->digest;
	size_t nnodes = 0;

	colouring->connects = arena_array(digest->arena, digest->ntables, sizeof *colouring->connects);
	if (!colouring->connects)
		return -1;
	for (uint32_t i = 0; i < digest->ntables; i++) {
		size_t n = count_nodes(&colouring->image->tables[digest->tables[i].table]);
		colouring->connects[i] = n > 0;
		nnodes += n;
	}
	if (nnodes == 0)
		return 0;
	for (colouring->nslots = 16; colouring->nslots < 2 * nnodes;)
		colouring->nslots *= 2;
	colouring->nodes = calloc(colouring->nslots, sizeof *colouring->nodes);
	return colouring->nodes ? 0 : -1;
}

/* One round: rows take the colours of their nodes, nodes the rows they appear in. */
static void refine(struct colouring *colouring)
{
	struct digest *digest = colouring->digest;

	for (uint32_t i = 0; i < digest->ntables; i++)
		for (uint32_t j = 0; colouring->connects[i] && j < digest->tables[i].nrows; j++) {
			uint64_t hash = digest->tables[i].rows[j];
			row_visit(colouring, digest->tables[i].table, j, &hash, visit_fold);
			row_visit(colouring, digest->tables[i].table, j, &hash, visit_add);
		}
	for (size_t i = 0; i < colouring->nslots; i++) {
		colouring->nodes[i].colour = mix(colouring->nodes[i].colour, colouring->nodes[i].sum);
		colouring->nodes[i].sum = 0;
	}
}

static int colour(struct colouring *colouring)
{
	struct digest *digest = colouring->digest;

	if (find_nodes(colouring) < 0)
		return -1;
	if (!colouring->nodes)
		return 0;
	for (int round = 0; round < DIGEST_ROUNDS; round++)
		refine(colouring);
	for (uint32_t i = 0; i < digest->ntables; i++)
		for (uint32_t j = 0; colouring->connects[i] && j < digest->tables[i].nrows; j++)
			row_visit(colouring, digest->tables[i].table, j, &digest->tables[i].rows[j], visit_fold);
	free(colouring->nodes);
	return 0;
}

static int table_begin(struct digest *digest, const struct image *image, uint32_t index)
{
	struct digest_table *table = &digest->tables[digest->ntables];
	uint64_t name = name_hash(image->tables[index].name);

	table->table = index;
	table->nrows = image->tables[index].nrows;
	table->rows = arena_array(digest->arena, table->nrows, sizeof *table->rows);
	if (!table->rows)
		return -1;
	for (uint32_t i = 0; i < table->nrows; i++)
		table->rows[i] = natural_hash(&image->tables[index], i, name);
	digest->ntables++;
	return 0;
}

static void digest_sum(struct digest *digest, const struct image *image)
{
	for (uint32_t i = 0; i < digest->ntables; i++) {
		struct digest_table *table = &digest->tables[i];
		for (uint32_t j = 0; j < table->nrows; j++)
			table->hash += mix(table->rows[j], 0); /* a sum: the order of rows means nothing */
		table->hash = mix(mix(name_hash(image->tables[table->table].name), table->hash), table->nrows);
		digest->hash = mix(digest->hash, table->hash);
	}
}

struct digest *digest_open(const struct image *image)
{
	struct digest *digest = calloc(1, sizeof *digest);

	if (!digest)
		return NULL;
	digest->arena = arena_open();
	if (!digest->arena)
		goto fail;
	digest->tables = arena_array(digest->arena, image->ntables, sizeof *digest->tables);
	if (!digest->tables)
		goto fail;
	for (uint32_t i = 0; i < image->ntables; i++)
		if (!image->tables[i].ignored && table_begin(digest, image, i) < 0)
			goto fail;
	struct colouring colouring = {.image = image, .digest = digest};
	if (colour(&colouring) < 0)
		goto fail;
	digest_sum(digest, image);
	return digest;
fail:
	digest_close(digest);
	return NULL;
}

void digest_close(struct digest *digest)
{
	if (!digest)
		return;
	arena_close(digest->arena);
	free(digest);
}

struct row_hash {
	uint64_t hash;
	uint32_t row;
};

static int compare_rows(const void *left, const void *right)
{
	const struct row_hash *l = left, *r = right;

	if (l->hash != r->hash)
		return l->hash < r->hash ? -1 : 1;
	return l->row < r->row ? -1 : l->row > r->row;
}

/* Row hashes with their rows, ascending; NULL when memory is short. `table` may be NULL: none. */
static struct row_hash *rows_sorted(const struct digest_table *table)
{
	uint32_t nrows = table ? table->nrows : 0;
	struct row_hash *rows = calloc(nrows + 1UL, sizeof *rows);

	for (uint32_t i = 0; rows && i < nrows; i++)
		rows[i] = (struct row_hash){.hash = table->rows[i], .row = i};
	if (rows)
		qsort(rows, nrows, sizeof *rows, compare_rows);
	return rows;
}

static int rows_compare(const struct digest_table *left, const struct digest_table *right,
	struct digest_difference *out)
{
	struct row_hash *l = rows_sorted(left), *r = rows_sorted(right);
	uint32_t i = 0, j = 0, nleft = left ? left->nrows : 0, nright = right ? right->nrows : 0;
	int result = l && r ? 0 : -1;

	out->left_rows = nleft;
	out->right_rows = nright;
	out->extra = out->missing = ~0U;
	while (result == 0 && (i < nleft || j < nright)) {
		if (i < nleft && j < nright && l[i].hash == r[j].hash) {
			i++, j++;
		} else if (j >= nright || (i < nleft && l[i].hash < r[j].hash)) {
			out->extra = l[i].row < out->extra ? l[i].row : out->extra;
			out->nextra++, i++;
		} else {
			out->missing = r[j].row < out->missing ? r[j].row : out->missing;
			out->nmissing++, j++;
		}
	}
	free(l);
	free(r);
	return result;
}

static const struct digest_table *table_named(const struct digest *digest, const struct image *image, const char *name)
{
	for (uint32_t i = 0; i < digest->ntables; i++)
		if (strcasecmp(image->tables[digest->tables[i].table].name, name) == 0)
			return &digest->tables[i];
	return NULL;
}

/* Compares a pair of tables and appends what differs; -1 when memory is short. */
static int pair_compare(const struct digest_table *left, const struct digest_table *right, const char *name,
	struct digest_difference *out, uint32_t max, int n)
{
	struct digest_difference difference = {
		.table = name,
		.left_table = left ? (int32_t)left->table : -1,
		.right_table = right ? (int32_t)right->table : -1,
	};

	if (left && right && left->hash == right->hash)
		return n;
	if (rows_compare(left, right, &difference) < 0)
		return -1;
	if ((uint32_t)n < max)
		out[n] = difference;
	return n + 1;
}

int digest_difference(const struct image *left, const struct image *right, struct digest_difference *out,
	uint32_t max)
{
	struct digest *l = digest_open(left), *r = digest_open(right);
	int n = l && r ? 0 : -1;

	for (uint32_t i = 0; n >= 0 && i < l->ntables; i++) {
		const char *name = left->tables[l->tables[i].table].name;
		n = pair_compare(&l->tables[i], table_named(r, right, name), name, out, max, n);
	}
	for (uint32_t i = 0; n >= 0 && i < r->ntables; i++) {
		const char *name = right->tables[r->tables[i].table].name;
		if (!table_named(l, left, name))
			n = pair_compare(NULL, &r->tables[i], name, out, max, n);
	}
	digest_close(l);
	digest_close(r);
	return n;
}

#include "frontier.h"

#include <stdlib.h>
#include <string.h>

struct node {
	uint32_t parent, nrefs, depth;
	struct frontier_choice choice;
};

struct bucket {
	struct frontier_job *jobs;
	uint32_t n, capacity;
};

struct frontier {
	struct node *nodes; /* [0] is unused; the parent of a free node is the next free one */
	uint32_t nnodes, nodes_capacity, nfree, free;
	struct bucket *buckets;
	uint32_t nbuckets, njobs, capacity;
};

/* Makes room for one more entry in a growing array. */
static int grow(void **items, uint32_t n, uint32_t *capacity, size_t size)
{
	if (n < *capacity)
		return 0;
	uint32_t more = *capacity ? *capacity * 2 : 64;
	void *grown = realloc(*items, more * size);
	if (!grown)
		return -1;
	*items = grown;
	*capacity = more;
	return 0;
}

struct frontier *frontier_open(uint32_t capacity)
{
	struct frontier *frontier = calloc(1, sizeof(*frontier));
	if (!frontier)
		return NULL;
	frontier->capacity = capacity;
	frontier->nnodes = 1;
	frontier->nodes_capacity = 64;
	frontier->nodes = calloc(frontier->nodes_capacity, sizeof(*frontier->nodes));
	if (!frontier->nodes) {
		free(frontier);
		return NULL;
	}
	return frontier;
}

void frontier_close(struct frontier *frontier)
{
	if (!frontier)
		return;
	for (uint32_t i = 0; i < frontier->nbuckets; i++)
		free(frontier->buckets[i].jobs);
	free(frontier->buckets);
	free(frontier->nodes);
	free(frontier);
}

static bool is_full(const struct frontier *frontier)
{
	return frontier->nnodes - 1 - frontier->nfree + frontier->njobs >= frontier->capacity;
}

static uint32_t node_allocate(struct frontier *frontier)
{
	if (frontier->free) {
		uint32_t id = frontier->free;
		frontier->free = frontier->nodes[id].parent;
		frontier->nfree--;
		return id;
	}
	if (grow((void **)&frontier->nodes, frontier->nnodes, &frontier->nodes_capacity, sizeof(*frontier->nodes)))
		return 0;
	return frontier->nnodes++;
}

uint32_t frontier_node(struct frontier *frontier, uint32_t parent, struct frontier_choice choice)
{
	uint32_t id = is_full(frontier) ? 0 : node_allocate(frontier);
	if (!id)
		return 0;
	frontier->nodes[id] = (struct node){.parent = parent, .nrefs = 1, .choice = choice,
		.depth = frontier_depth(frontier, parent) + 1};
	if (parent)
		frontier->nodes[parent].nrefs++;
	return id;
}

void frontier_drop(struct frontier *frontier, uint32_t node)
{
	while (node && --frontier->nodes[node].nrefs == 0) {
		uint32_t parent = frontier->nodes[node].parent;
		frontier->nodes[node].parent = frontier->free;
		frontier->free = node;
		frontier->nfree++;
		node = parent;
	}
}

uint32_t frontier_depth(const struct frontier *frontier, uint32_t node)
{
	return node ? frontier->nodes[node].depth : 0;
}

struct frontier_choice frontier_last(const struct frontier *frontier, uint32_t node)
{
	return frontier->nodes[node].choice;
}

uint32_t frontier_parent(const struct frontier *frontier, uint32_t node)
{
	return frontier->nodes[node].parent;
}

static struct bucket *bucket_at(struct frontier *frontier, uint32_t index)
{
	while (frontier->nbuckets <= index) {
		struct bucket *buckets = realloc(frontier->buckets, (frontier->nbuckets + 1) * sizeof(*buckets));
		if (!buckets)
			return NULL;
		frontier->buckets = buckets;
		memset(&buckets[frontier->nbuckets++], 0, sizeof(*buckets));
	}
	return &frontier->buckets[index];
}

int frontier_push(struct frontier *frontier, uint32_t bucket, const struct frontier_job *job)
{
	struct bucket *into = is_full(frontier) ? NULL : bucket_at(frontier, bucket);
	if (!into || grow((void **)&into->jobs, into->n, &into->capacity, sizeof(*into->jobs)))
		return -1;
	into->jobs[into->n++] = *job;
	frontier->njobs++;
	if (job->node)
		frontier->nodes[job->node].nrefs++;
	return 0;
}

bool frontier_pop(struct frontier *frontier, uint32_t bucket, struct frontier_job *job)
{
	if (frontier_bucket_jobs(frontier, bucket) == 0)
		return false;
	*job = frontier->buckets[bucket].jobs[--frontier->buckets[bucket].n];
	frontier->njobs--;
	return true;
}

uint32_t frontier_bucket_jobs(const struct frontier *frontier, uint32_t bucket)
{
	return bucket < frontier->nbuckets ? frontier->buckets[bucket].n : 0;
}

uint32_t frontier_jobs(const struct frontier *frontier)
{
	return frontier->njobs;
}

int frontier_draft(const struct frontier *frontier, const struct frontier_job *job, struct plan_draft *draft)
{
	uint32_t depth = frontier_depth(frontier, job->node);
	if (job->root)
		return 0;
	for (uint32_t i = 0; i <= depth; i++)
		if (plan_draft_add(draft, job->last))
			return -1;
	for (uint32_t node = job->node; node; node = frontier->nodes[node].parent)
		draft->prefix[--depth] = frontier->nodes[node].choice.directive;
	return 0;
}

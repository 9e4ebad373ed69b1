/*
 * The frontier of a depth-first search: prefixes that are still to be run. Prefixes share their beginnings in a tree
 * of nodes, each counted by what refers to it, so that a frontier costs a few words an entry however long the
 * executions are. Jobs wait in buckets by cost, last in first out.
 */
#ifndef RACE_EXPLORER_FRONTIER_H
#define RACE_EXPLORER_FRONTIER_H

#include <stdbool.h>
#include <stdint.h>

#include "strategy.h"

/* Most nodes and jobs together that a frontier holds: about 100 MB. */
enum { FRONTIER_ENTRIES = 4 * 1024 * 1024 };

/* One prefix to run: the path to `node`, then `last`. Holds a reference of the node. */
struct frontier_job {
	uint32_t node; /* 0: the empty path */
	bool root;     /* no prefix at all: `last` means nothing */
	struct directive last;
	uint32_t history; /* hash of what happened up to that choice, see alternative.h */
	uint32_t cost; /* of the whole prefix */
	double mass;   /* share of the tree that lies below, by Knuth's estimate */
};

struct frontier;

/* `capacity`: entries it may hold. NULL when memory is short. */
struct frontier *frontier_open(uint32_t capacity);
void frontier_close(struct frontier *frontier);

/* One choice on a path: what was taken, after what. */
struct frontier_choice {
	struct directive directive;
	uint32_t history;
};

/*
 * A node for one more choice below `parent`; the caller owns a reference of it, that of the parent stays the
 * caller's. 0 when the frontier is full.
 */
uint32_t frontier_node(struct frontier *frontier, uint32_t parent, struct frontier_choice choice);

/* Gives a reference back; 0 does nothing. */
void frontier_drop(struct frontier *frontier, uint32_t node);

/* Number of choices on the path to the node; 0 for none. */
uint32_t frontier_depth(const struct frontier *frontier, uint32_t node);

/* The last choice on the path to the node, and the node before it. */
struct frontier_choice frontier_last(const struct frontier *frontier, uint32_t node);
uint32_t frontier_parent(const struct frontier *frontier, uint32_t node);

/* Stores a job in a bucket, taking a reference of its node for it. -1 when the frontier is full. */
int frontier_push(struct frontier *frontier, uint32_t bucket, const struct frontier_job *job);

/* Takes the youngest job out of a bucket; its reference is the caller's then. False when there is none. */
bool frontier_pop(struct frontier *frontier, uint32_t bucket, struct frontier_job *job);

/* Jobs in this bucket; in all of them. */
uint32_t frontier_bucket_jobs(const struct frontier *frontier, uint32_t bucket);
uint32_t frontier_jobs(const struct frontier *frontier);

/* Writes the job's prefix into the draft. -1 when memory is short. */
int frontier_draft(const struct frontier *frontier, const struct frontier_job *job, struct plan_draft *draft);

#endif

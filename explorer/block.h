/*
 * The control block seen from race: making it, writing plans into it, reading answers out of it.
 */
#ifndef RACE_EXPLORER_BLOCK_H
#define RACE_EXPLORER_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/control.h"
#include "strategy/strategy.h"

struct block {
	struct control *control;
	int fd;
};

/* A fresh block in a memfd. -1 with errno set when memory or descriptors are short. */
int block_open(struct block *block);
void block_close(struct block *block);

/* Processes that are forked from now on don't get our mapping. */
void block_private(struct block *block);

/* What a person can do about block_open's error: a half-sentence, or "". */
const char *block_shortage(int error);

/* Puts the plan into an idle slot and rings; the slot's index, or -1: none is idle, or the prefix is too long. */
int block_plan(struct block *block, const struct plan_draft *draft);

/* Puts the plan into this slot, which is nobody's; false: the prefix is too long for it. Then the target is told. */
bool block_put(struct block *block, uint32_t index, const struct plan_draft *draft);
void block_ring(struct block *block);

/* Waits until the target has something to say, a signal arrives, or the time is over. */
void block_wait(struct block *block, uint32_t seen, int64_t timeout_ns);

/* Wakes everybody who sleeps on this word of the block. */
void block_wake(uint32_t *word);

#endif

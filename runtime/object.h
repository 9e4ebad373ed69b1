/*
 * Objects: from an address in the program to an index in the world.
 *
 * Objects of 16 bytes and more carry a checked handle in their own bytes (index, generation, address), so that
 * memory that is reused, re-initialised or copied is noticed: what does not check is adopted afresh from the genuine
 * bytes, which the genuine init functions and static initialisers have written. Smaller objects are found by address.
 */
#ifndef RACE_OBJECT_H
#define RACE_OBJECT_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

#include "shared/op.h"

/* The object at this address; adopted when it is met for the first time. 0: the table is full (noted). */
uint32_t object_mutex(pthread_mutex_t *mutex);
bool object_is_mutex(const pthread_mutex_t *mutex); /* has it been met? */
uint32_t object_cond(pthread_cond_t *cond);
uint32_t object_rwlock(pthread_rwlock_t *rwlock);
uint32_t object_sem(sem_t *sem);
uint32_t object_barrier(pthread_barrier_t *barrier);

/* By address only: spin locks, once controls, guards, futex words. */
uint32_t object_small(enum object_kind kind, const volatile void *address);

/* The same for words that may lie in memory shared by processes: there, by their place in it. */
uint32_t object_word(enum object_kind kind, const volatile void *address);

/* Objects that exist once for all processes, known by a key: databases, file locks, library locks. */
uint32_t object_global(enum object_kind kind, uint64_t key, const char *name);

/* The object's life is over: its bytes no longer name it. */
void object_forget(void *address, uint32_t object);

#endif

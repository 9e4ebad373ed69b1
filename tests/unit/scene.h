/*
 * A scene: a small world set up by hand, for tests of models. Tasks 1.. are running in process 1 unless moved.
 */
#ifndef RACE_TESTS_SCENE_H
#define RACE_TESTS_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/world.h"

/* An empty world with this many tasks; the same one each time. */
struct world *scene_open(uint32_t ntasks);

/* That world. */
struct world *scene_world(void);

/* A new object; its flags, owner, count and so on are the caller's to set. */
uint32_t scene_object(uint16_t kind);

/* Another live process, child of `parent`, with its object. */
uint32_t scene_process(uint16_t parent);

/* The task announces an operation. */
void scene_announce(uint32_t task, uint16_t op, uint32_t object, uint64_t argument);

/* The same with all there is to a request. */
void scene_request(uint32_t task, struct request request);

/* Is what the task has announced enabled? */
bool scene_enabled(uint32_t task);

/* It takes its turn: performs what it has announced, which must be enabled, and runs on. */
int64_t scene_go(uint32_t task);

/* Announces and goes. */
int64_t scene_do(uint32_t task, uint16_t op, uint32_t object, uint64_t argument);

/* Announces; false: blocked (and stays announced). */
bool scene_try(uint32_t task, uint16_t op, uint32_t object, uint64_t argument);

#endif

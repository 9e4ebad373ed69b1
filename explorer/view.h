/*
 * What a person who looks at a stopped execution wants to know, as text: its tasks, who waits for whom, how far the
 * schedule has come. The world may only be read while the target stands still.
 */
#ifndef RACE_EXPLORER_VIEW_H
#define RACE_EXPLORER_VIEW_H

#include <stdio.h>

#include "schedule.h"
#include "shared/control.h"

/* Writes the view of this name: tasks, waits, schedule, place. -1: there is none of that name. */
int view_print(const char *name, const struct control *control, struct follower_place place, FILE *out);

/* A line per task: who has the turn, its state, what it is about to do, what it holds. */
void view_tasks(const struct control *control, const struct symbols *symbols, FILE *out);

/* A line per task that can't go on: what it waits for, and who holds it. */
void view_waits(const struct control *control, const struct symbols *symbols, FILE *out);

/* The lines around `line` (1-based), which is marked. */
void view_schedule(const struct schedule *schedule, uint32_t line, FILE *out);

/* Where the target stands, in one sentence. */
void view_place(const struct control *control, const struct schedule *schedule, uint32_t line, FILE *out);

#endif

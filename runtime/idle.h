/*
 * Idling: a task that asks again and again for what only others, or time, can change makes way for them.
 */
#ifndef RACE_IDLE_H
#define RACE_IDLE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The task looks at the clock. After a thousand looks without another operation time leaps, further with each thousand,
 * and the task yields.
 */
void idle_look(void);

/* The task has tried to take an object without waiting. A second failure in a row, with nothing in between, yields. */
void idle_try(uint32_t object, bool failed);

/*
 * The task has been turned away (a database that is busy), and has more to undo before it can try again. All but its
 * first time yield: two who turn each other away would go on for ever, one of them never having its turn.
 */
void idle_refused(void);

#endif

/*
 * Signals between controlled tasks are held and delivered at points, so that where a handler runs is part of the
 * schedule. Held signals are bits in the receiving task (shared/post.h); the receiver raises them against itself when
 * it is about to return from an interposed call, or at a turn of its own while it waits in one (shared/suspension.h), so
 * that handlers, masks and default actions are the kernel's own.
 *
 * Signals that the processor raises (SIGSEGV and the like) are delivered at once. Those that arrive from outside are
 * held until the next point.
 */
#ifndef RACE_SIGNALS_H
#define RACE_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/* Has the calling task signals to deliver? */
bool signals_is_due(void);

/* Raises what is due against the calling thread. Called without `inside`, with the turn. */
void signals_deliver(void);

/*
 * The same in the middle of a call that waits, and goes on waiting. What the thread blocks now, in a handler that waits
 * itself, its task blocks from here on, too.
 */
void signals_deliver_amid(void);

/* Is the handler over, or was it left by a jump, in which the thread waits below this frame of its stack? */
bool signals_have_left(uint64_t frame);

/* Raises one signal against the calling thread now. */
void signals_raise(int number);

/*
 * The mask of the kernel thread, one bit each, as far as it is known: whoever changes it otherwise, or is called where the
 * kernel does (at the beginning and the end of a handler), says that it has moved.
 */
uint64_t signals_mask(void);
void signals_set_mask(uint64_t mask);
void signals_mask_moved(void);

/*
 * A signal has arrived. Is it the one that is being raised by us, so that its handler shall run at once? Said once for each:
 * the kernel may send the same one, of a child that has ended, a moment later.
 */
bool signals_take_raised(int number);

#endif

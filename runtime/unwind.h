/*
 * libgcc's unwinder. librace.so is not linked against it: most C programs don't need that library, and its mappings cost
 * every forked child. The C library brings it in when a thread ends by pthread_exit or is cancelled; from then on the
 * executions of a campaign begin with it, so that none has to look for it again.
 *
 * Cleanup handlers of interpose/ need two functions of it, _Unwind_Resume and __gcc_personality_v0 (Itanium C++ ABI,
 * Exception Handling). They are here, and hand on to libgcc's when somebody unwinds.
 */
#ifndef RACE_UNWIND_H
#define RACE_UNWIND_H

/* A thread is about to end by unwinding. */
void unwind_note(void);

/* Before an execution begins: the library is brought in, if this campaign has seen somebody unwind. */
void unwind_prepare(void);

#endif

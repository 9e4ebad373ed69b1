/*
 * What librace.so must not call, made a compile error. Included before every source of runtime/ and interpose/.
 *
 * The library lives in other people's processes: it may be entered with any lock held, inside malloc, in a signal
 * handler, on a small stack. So it neither allocates nor formats with stdio nor ends the process the polite way, and
 * the runtime calls none of the functions that interpose/ defines (it would come back to itself). What it does
 * instead stands in sys.h, arena.h, say.h and die.h; genuine functions are reached through interpose's pointers.
 *
 * Only calls are refused. Defining an interposed function, naming it, taking its address stay possible. Calls to
 * libraries whose headers are not used here (sqlite3_*) are caught by tests/lint/imports.sh, as is whatever this list
 * forgets. A file whose business is the environment says #undef getenv and why.
 */
#ifndef RACE_RUNTIME_BANNED_H
#define RACE_RUNTIME_BANNED_H

#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <threads.h>
#include <unistd.h>

#if defined(__GNUC__) && !defined(__clang__)
#define BANNED(function, instead) \
	__typeof__(function) function __attribute__((error(#function " is banned in librace.so: " instead)));
#else
#define BANNED(function, instead)
#endif

/* allocation */
BANNED(malloc, "use the arena")
BANNED(calloc, "use the arena")
BANNED(realloc, "use the arena")
BANNED(reallocarray, "use the arena")
BANNED(free, "the arena is never freed")
BANNED(strdup, "use the arena")
BANNED(strndup, "use the arena")
BANNED(posix_memalign, "use the arena")
BANNED(aligned_alloc, "use the arena")
BANNED(memalign, "use the arena")
BANNED(asprintf, "use say")
BANNED(vasprintf, "use say")

/* stdio and its formatter */
BANNED(printf, "use say")
BANNED(fprintf, "use say")
BANNED(dprintf, "use say")
BANNED(sprintf, "use say's formatter")
BANNED(snprintf, "use say's formatter")
BANNED(vprintf, "use say")
BANNED(vfprintf, "use say")
BANNED(vdprintf, "use say")
BANNED(vsprintf, "use say's formatter")
BANNED(vsnprintf, "use say's formatter")
BANNED(puts, "use say")
BANNED(fputs, "use say")
BANNED(fputc, "use say")
BANNED(putchar, "use say")
BANNED(perror, "use say")
BANNED(fopen, "use sys")
BANNED(fdopen, "use sys")
BANNED(fclose, "use sys")
BANNED(fread, "use sys")
BANNED(fwrite, "use sys")
BANNED(fflush, "use sys")
BANNED(fgets, "use sys")
BANNED(getline, "use sys")
BANNED(sscanf, "parse by hand")

/* leaving, and what runs code of the program */
BANNED(exit, "use die")
BANNED(abort, "use die")
BANNED(quick_exit, "use die")
BANNED(atexit, "the program's handlers would not know us")
BANNED(system, "the runtime starts no programs")
BANNED(popen, "the runtime starts no programs")

/* the environment: may be wiped or rewritten by the program at any time */
#define getenv(name) getenv_is_banned_see_banned_h(name)
BANNED(setenv, "the program's environment is not ours")
BANNED(unsetenv, "the program's environment is not ours")
BANNED(putenv, "the program's environment is not ours")

/* locale and hidden state */
BANNED(strtok, "keeps hidden state")
BANNED(strerror, "allocates")
BANNED(strtol, "sets errno and reads the locale")
BANNED(strtoul, "sets errno and reads the locale")
BANNED(atoi, "reads the locale")
BANNED(qsort, "allocates")
BANNED(rand, "keeps hidden state")
BANNED(random, "keeps hidden state")

/* What interpose/ defines: the runtime would come back to itself. */
#ifndef RACE_INTERPOSE
BANNED(pthread_create, "use a carrier")
BANNED(pthread_join, "use a carrier")
BANNED(pthread_detach, "use a carrier")
BANNED(pthread_exit, "use a carrier")
BANNED(pthread_cancel, "use a carrier")
BANNED(pthread_kill, "use sys")
BANNED(pthread_sigmask, "use sys")
BANNED(pthread_once, "the turn is lock enough")
BANNED(pthread_key_create, "use initial-exec thread-local variables")
BANNED(pthread_getspecific, "use initial-exec thread-local variables")
BANNED(pthread_setspecific, "use initial-exec thread-local variables")
BANNED(pthread_mutex_init, "the turn is lock enough")
BANNED(pthread_mutex_destroy, "the turn is lock enough")
BANNED(pthread_mutex_lock, "the turn is lock enough")
BANNED(pthread_mutex_trylock, "the turn is lock enough")
BANNED(pthread_mutex_unlock, "the turn is lock enough")
BANNED(pthread_cond_init, "use a futex of sys")
BANNED(pthread_cond_wait, "use a futex of sys")
BANNED(pthread_cond_timedwait, "use a futex of sys")
BANNED(pthread_cond_signal, "use a futex of sys")
BANNED(pthread_cond_broadcast, "use a futex of sys")
BANNED(pthread_rwlock_rdlock, "the turn is lock enough")
BANNED(pthread_rwlock_wrlock, "the turn is lock enough")
BANNED(pthread_rwlock_unlock, "the turn is lock enough")
BANNED(pthread_spin_lock, "the turn is lock enough")
BANNED(pthread_spin_unlock, "the turn is lock enough")
BANNED(pthread_barrier_wait, "use a futex of sys")
BANNED(sem_init, "use a futex of sys")
BANNED(sem_wait, "use a futex of sys")
BANNED(sem_timedwait, "use a futex of sys")
BANNED(sem_post, "use a futex of sys")
BANNED(mtx_lock, "the turn is lock enough")
BANNED(mtx_unlock, "the turn is lock enough")
BANNED(cnd_wait, "use a futex of sys")
BANNED(thrd_create, "use a carrier")
BANNED(fork, "use sys")
BANNED(kill, "use sys")
BANNED(raise, "use sys")
BANNED(sigprocmask, "use sys")
BANNED(sleep, "the clock is virtual; use a futex of sys")
BANNED(usleep, "the clock is virtual; use a futex of sys")
BANNED(syscall, "interposed for futexes; use sys")
#endif

#endif

/*
 * The few genuine library functions that the runtime itself needs. interpose/resolve.c fills them in before anything
 * else happens; the runtime never calls such a name directly, because librace.so defines it.
 */
#ifndef RACE_REAL_H
#define RACE_REAL_H

#include <stdint.h>

struct real {
	void *(*dlopen)(const char *path, int flags);
	void *(*dlsym)(void *handle, const char *name);
	int (*dlclose)(void *handle);
	int (*fork)(void);  /* _Fork: no atfork handlers of the program */
	int (*key_create)(unsigned int *key, void (*destructor)(void *));
	int (*setspecific)(unsigned int key, const void *value);
	int (*thread_create)(unsigned long *thread, const void *attributes, void *(*routine)(void *), void *argument);
	int (*thread_join)(unsigned long thread, void **value);
	int (*thread_detach)(unsigned long thread);
	int (*set_cancel_state)(int state, int *old);
	int (*flush)(void *stream); /* NULL: all */
	void (*exit)(int status) __attribute__((noreturn));
};

extern struct real real;

#endif

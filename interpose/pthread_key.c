#include "pthread_key.h"

#include <pthread.h>
#include <threads.h>

#include "interpose.h"

bool pthread_key_made;

/* Whoever calls, controlled or not: also before main keys are made. */
#define KEY_CREATE(name_, type, destructor_type) \
	static int (*genuine_##name_)(type *, destructor_type) INTERPOSE_GENUINE; \
	INTERPOSE_TABLE(name_, LIBC, NULL); \
	INTERPOSE_EXPORT int name_(type *key, destructor_type destructor); \
	INTERPOSE_EXPORT int name_(type *key, destructor_type destructor) \
	{ \
		if (!genuine_##name_) \
			resolve_entry(&entry_##name_); \
		pthread_key_made = true; \
		return genuine_##name_(key, destructor); \
	}

typedef void key_destructor(void *);

KEY_CREATE(pthread_key_create, pthread_key_t, key_destructor *)
KEY_CREATE(__pthread_key_create, pthread_key_t, key_destructor *)
KEY_CREATE(tss_create, tss_t, tss_dtor_t)

/* Spin locks: they block instead of spinning. Too small for a handle, so that init and destroy are seen, too. */
#include "call.h"

#include <pthread.h>

#include "idle.h"

static uint32_t object_spin(pthread_spinlock_t *spin)
{
	return object_word(OBJECT_SPIN, (const volatile void *)spin);
}

static void forget(pthread_spinlock_t *spin)
{
	control->world.objects[object_spin(spin)].flags |= OBJECT_DESTROYED;
}

INTERPOSE(int, pthread_spin_init, (pthread_spinlock_t * spin, int shared), (spin, shared))
{
	forget(spin);
	return genuine_pthread_spin_init(spin, shared);
}

INTERPOSE(int, pthread_spin_destroy, (pthread_spinlock_t * spin), (spin))
{
	forget(spin);
	return 0;
}

INTERPOSE(int, pthread_spin_lock, (pthread_spinlock_t * spin), (spin), OP_SPIN_LOCK, spin)
{
	return call_model(OP_SPIN_LOCK, object_spin(spin));
}

INTERPOSE(int, pthread_spin_trylock, (pthread_spinlock_t * spin), (spin), OP_SPIN_TRYLOCK, spin)
{
	uint32_t object = object_spin(spin);
	int error = call_model(OP_SPIN_TRYLOCK, object);

	idle_try(object, error != 0);
	return error;
}

INTERPOSE(int, pthread_spin_unlock, (pthread_spinlock_t * spin), (spin), OP_SPIN_UNLOCK, spin)
{
	return call_model(OP_SPIN_UNLOCK, object_spin(spin));
}

/* A plugin's constructor takes the registry's lock, while a thread that has this lock looks something up: the loader
 * lets nobody look anything up while a constructor runs.
 * race: explore --strategy auto --max-executions 200
 * expect: deadlock within 100
 * build: -rdynamic -Wl,-rpath,$ORIGIN
 */
#include <dlfcn.h>

#include "threads.h"

pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
int nregistered;

static void *open_plugin(void *unused)
{
	void *plugin = dlopen("late.so", RTLD_NOW);
	assert(plugin);
	return unused;
}

static void *find_plugin(void *unused)
{
#ifdef FIXED
	void *found = dlsym(RTLD_DEFAULT, "plugin_run");
	pthread_mutex_lock(&registry);
#else
	pthread_mutex_lock(&registry);
	void *found = dlsym(RTLD_DEFAULT, "plugin_run");
#endif
	assert(found == NULL || nregistered > 0);
	pthread_mutex_unlock(&registry);
	return unused;
}

int main(void)
{
	run_two(open_plugin, find_plugin);
	return 0;
}

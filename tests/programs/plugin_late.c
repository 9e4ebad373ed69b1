/* A plugin that is opened late, by a bare name, takes a lock in its constructor and ends threads through C++ frames.
 * race: explore --strategy random --max-executions 100 --seed 3
 * expect: clean
 * build: -rdynamic -Wl,-rpath,$ORIGIN
 */
#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#include "threads.h"

pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
int nregistered;

static void *use_plugin(void *unused)
{
	int nleft = 0;
	void *plugin = dlopen("late.so", RTLD_NOW | RTLD_LOCAL);
	assert(plugin);
	void *(*run)(void *) = (void *(*)(void *))dlsym(plugin, "plugin_run");
	assert(run);
	finish(start(run, &nleft));
	assert(nleft == 2);
	int error = dlclose(plugin);
	assert(error == 0);
	return unused;
}

/* Looks things up meanwhile; the answers depend on who asks. */
static void *look_up(void *unused)
{
	Dl_info info;
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&registry);
		int n = nregistered;
		pthread_mutex_unlock(&registry);
		assert(n >= 0);
		assert(dlsym(RTLD_DEFAULT, "nregistered") == &nregistered);
		assert(dlsym(RTLD_NEXT, "nregistered") == NULL);
		assert(dladdr((void *)look_up, &info) && strstr(info.dli_fname, "plugin_late"));
	}
	return unused;
}

int main(void)
{
	pthread_t one = start(use_plugin, NULL), two = start(use_plugin, NULL), three = start(look_up, NULL);
	finish(one);
	finish(two);
	finish(three);
	assert(nregistered >= 1);
	return 0;
}

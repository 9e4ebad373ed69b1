// A plugin that registers itself when it is opened, and whose threads leave through C++ frames.
#include <pthread.h>

extern "C" pthread_mutex_t registry;
extern "C" int nregistered;

namespace {

struct Registration {
	Registration() { change(1); }
	~Registration() { change(0); }

	static void change(int more)
	{
		pthread_mutex_lock(&registry);
		nregistered += more;
		pthread_mutex_unlock(&registry);
	}
} registration;

struct Left {
	int *count;
	~Left() { ++*count; }
};

void leave(int *count)
{
	Left inner{count};
	pthread_exit(count);
}

}

extern "C" void *plugin_run(void *count)
{
	Left outer{static_cast<int *>(count)};
	leave(static_cast<int *>(count));
	return nullptr;
}

/* Where control begins: the library's constructor, and the program's main. */
#include "interpose.h"

#include <dlfcn.h>
#include <string.h>

#include "affinity.h"
#include "binding.h"
#include "carrier.h"
#include "debugger.h"
#include "heap.h"
#include "opened.h"
#include "process.h"
#include "pthread_key.h"
#include "record.h"
#include "real.h"
#include "reuse.h"
#include "signal.h"
#include "probe.h"
#include "stack.h"
#include "start.h"
#include "stream.h"
#include "sys.h"
#include "warm.h"

typedef int main_function(int, char **, char **);

static main_function *genuine_main;
static unsigned int exit_key;
static bool began;

extern int on_exit(void (*function)(int status, void *argument), void *argument);
extern int __cxa_at_quick_exit(void (*function)(void *), void *module);

const char *start_program_name(char *buffer, size_t nbytes)
{
	long length = sys_call(SYS_readlinkat, -100, (long)"/proc/self/exe", (long)buffer, (long)nbytes - 1, 0, 0);
	char *slash;

	buffer[length > 0 ? length : 0] = '\0';
	slash = strrchr(buffer, '/');
	return slash ? slash + 1 : buffer;
}

/* The last of all handlers: registered before the program's. */
static void at_quick_end(void *argument)
{
	(void)argument;
	if (control_mode == CONTROL_CONTROL && self.task != 0) {
		self.inside = 1;
		point_exit_process(start_exit_status());
	}
}

/* The last of all exit handlers: registered before the loader's own. When main returns nobody calls exit by name. */
static void at_exit(int status, void *argument)
{
	start_note_exit(status);
	start_flush();
	at_quick_end(argument);
	binding_learn();
	warm_learn();
	reuse_current()->leave(start_exit_status());
}

/*
 * Runs as a thread-specific destructor, put off to the last round: after the program's own keys and thread_local
 * destructors, which therefore run under the turn.
 */
static void at_thread_exit(void *value)
{
	uintptr_t round = (uintptr_t)value;

	if (self.task == 0)
		return;
	if (round < 4 && pthread_key_made) {
		real.setspecific(exit_key, (void *)(round + 1));
		return;
	}
	self.inside = 1;
	loader_settle();
	bool last = task_live() == 1;
	if (last)
		self.inside = 0; /* it ends the process: at_exit */
	else
		point_exit_task(task_self()->exit_value);
	carrier_current()->end(last);
}

/* The last of all handlers where the program is observed. What it reports must not make exit run anything twice. */
static void at_observed_exit(int status, void *argument)
{
	(void)argument;
	int wanted = observe_finish(status & 0xff);

	if (wanted != (status & 0xff))
		start_exit_again(wanted);
}

void start_thread(uint32_t task)
{
	task_bind(task);
	task_set_handle(task, pthread_self());
	real.setspecific(exit_key, (void *)1);
}

/* This image goes on as a task that exists: after exec it has the turn, when spawned it waits for it. */
static void continue_task(uint32_t task)
{
	bool spawned = control->world.tasks[task].state == TASK_READY;
	char buffer[512], label[64] = "executes ";

	task_bind_process(task);
	if (spawned)
		point_begin();
	task_new_image();
	signal_begin();
	module_refresh();
	start_thread(task);
	affinity_pin();
	heap_share();
	strncpy(label + 9, start_program_name(buffer, sizeof buffer), sizeof label - 10);
	record_label(label); /* its name stays that of its birth: schedules speak of it */
	began = true;
}

void start_control(void)
{
	char buffer[512];

	if (began || control_mode != CONTROL_CONTROL)
		return;
	began = true;
	self.inside = 1;
	affinity_pin();
	heap_share();
	const char *name = start_program_name(buffer, sizeof buffer);
	bool shares = control->settings.reuse != REUSE_EXEC && opened_have_nameless();
	reuse_current()->start();
	debugger_wait();
	task_start(name);
	signal_begin();
	start_thread(self.task);
	if (shares)
		control_uncontrolled(UNCONTROLLED_NAMELESS, 0, "");
	self.inside = 0;
}

INTERPOSE_CALLER static int main_controlled(int count, char **arguments, char **environment)
{
	volatile int status; /* kept in between, or this would itself end in a jump */

	start_control();
	self.routine = (uint64_t)(uintptr_t)genuine_main;
	status = genuine_main(count, arguments, environment);
	return status;
}

INTERPOSE_EXPORT int __libc_start_main(main_function *program_main, int count, char **arguments, void (*init)(void),
	void (*fini)(void), void (*loader_fini)(void), void *stack_end);

int __libc_start_main(main_function *program_main, int count, char **arguments, void (*init)(void), void (*fini)(void),
	void (*loader_fini)(void), void *stack_end)
{
	int (*genuine)(main_function *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

	resolve_all();
	genuine = (__typeof__(genuine))dlsym(RTLD_NEXT, "__libc_start_main");
	genuine_main = program_main;
	return genuine(control_mode == CONTROL_CONTROL ? main_controlled : program_main, count, arguments, init, fini,
		loader_fini, stack_end);
}

__attribute__((constructor(101))) static void load(int count, char **arguments, char **environment)
{
	(void)count;
	(void)arguments;
	self.inside = 1;
	resolve_all();
	if (control_open(environment) && control_mode != CONTROL_PASS) {
		on_exit(at_exit, NULL);
		__cxa_at_quick_exit(at_quick_end, NULL);
		real.key_create(&exit_key, at_thread_exit);
		process_open();
		if (control->settings.stacks)
			stack_open();
		probe_open();
		signal_open();
		stream_open();
		if (control_task)
			continue_task(control_task);
		else
			module_open();
	} else if (!control) {
		observe_configure(environment);
		if (control_mode == CONTROL_OBSERVE)
			on_exit(at_observed_exit, NULL);
	}
	self.inside = 0;
}

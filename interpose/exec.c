/* exec: the new image of a process goes on as the same task. Images that can't be controlled are named and left. */
#include "call.h"

#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

#include "channel.h"
#include "environment.h"
#include "image.h"
#include "process.h"
#include "sys.h"
#include "task.h"

extern char **environ;

typedef int exec_function(const char *, char *const *, char *const *);

enum { SHELL_ARGUMENTS = 256, LIST_ARGUMENTS = 4096 };

/* errno of a failed exec, for the program. */
static int attempt(exec_function *genuine, const char *path, char *const *arguments, char *const *environment)
{
	genuine(path, arguments, environment);
	self.error = errno;
	return -1;
}

static int do_exec(const char *path, char *const *arguments, char *const *environment, exec_function *genuine)
{
	struct request request = call_request(OP_EXEC, control->world.processes[control_process].object);
	enum uncontrolled reason = process_inspect(path);

	point_announce(&request);
	task_command(self.task, arguments);
	channel_touch_all(true);
	if (reason != UNCONTROLLED_NONE) {
		process_leave(self.task, reason, path);
		attempt(genuine, path, arguments, environment);
		point_ensure(); /* it failed: this task comes back and queues for its turn */
		return -1;
	}
	char **ours = environment_open(environment, self.task, control_fd);
	attempt(genuine, path, arguments, ours ? ours : environment);
	if (ours)
		environment_close(ours);
	point_done(self.error, 0);
	return -1;
}

INTERPOSE(int, execve, (const char *path, char *const arguments[], char *const environment[]),
	(path, arguments, environment))
{
	return do_exec(path, arguments, environment, genuine_execve);
}

INTERPOSE(int, execv, (const char *path, char *const arguments[]), (path, arguments))
{
	return do_exec(path, arguments, environ, genuine_execve);
}

/* A file without a header is a script for the shell, as execvp has it. */
static int exec_shell(const char *path, char *const *arguments, char *const *environment)
{
	char *list[SHELL_ARGUMENTS] = {"sh", (char *)path};
	size_t n = 0;

	while (arguments[n] && n + 2 < SHELL_ARGUMENTS) {
		if (n > 0)
			list[n + 1] = arguments[n];
		n++;
	}
	return do_exec("/bin/sh", list, environment, genuine_execve);
}

static int exec_searched(const char *name, char *const *arguments, char *const *environment)
{
	char buffer[1024];
	const char *path = image_search(name, environ, buffer, sizeof buffer);

	if (!path)
		return call_error(ENOENT);
	do_exec(path, arguments, environment, genuine_execve);
	return self.error == ENOEXEC ? exec_shell(path, arguments, environment) : -1;
}

INTERPOSE(int, execvp, (const char *name, char *const arguments[]), (name, arguments))
{
	return exec_searched(name, arguments, environ);
}

INTERPOSE(int, execvpe, (const char *name, char *const arguments[], char *const environment[]),
	(name, arguments, environment))
{
	return exec_searched(name, arguments, environment);
}

/* The arguments of execl and its relatives as an array, in mapped memory: stacks may be small. */
static char **gather(const char *first, va_list list, char *const **environment)
{
	size_t n = 0;
	char **arguments = sys_map(NULL, LIST_ARGUMENTS * sizeof *arguments, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (char *argument = (char *)first; arguments && argument && n + 1 < LIST_ARGUMENTS;
		argument = va_arg(list, char *))
		arguments[n++] = argument;
	if (environment)
		*environment = va_arg(list, char *const *);
	return arguments;
}

static void scatter(char **arguments)
{
	sys_call3(SYS_munmap, (long)arguments, LIST_ARGUMENTS * sizeof *arguments, 0);
}

enum list_form { LIST_PATH, LIST_SEARCHED, LIST_ENVIRONMENT };

static int exec_list(enum list_form form, const char *path, const char *first, va_list list)
{
	char *const *environment = environ;
	char **arguments = gather(first, list, form == LIST_ENVIRONMENT ? &environment : NULL);

	if (!arguments)
		return call_error(ENOMEM);
	int result = form == LIST_SEARCHED ? exec_searched(path, arguments, environment)
					   : do_exec(path, arguments, environment, genuine_execve);
	scatter(arguments);
	return result;
}

/* Variadic functions can't be forwarded: without a task of ours the arguments are gathered and genuine execve used. */
#define INTERPOSE_LIST(name, form) \
	INTERPOSE_EXPORT int name(const char *path, const char *first, ...); \
	INTERPOSE_EXPORT int name(const char *path, const char *first, ...) \
	{ \
		struct guard guard __attribute__((cleanup(guard_leave))) = {0}; \
		char *const *environment = environ; \
		va_list list; \
		va_start(list, first); \
		int result; \
		if (guard_enter(&guard, &entry_execve, __builtin_return_address(0))) { \
			result = exec_list(form, path, first, list); \
		} else { \
			char **arguments = gather(first, list, form == LIST_ENVIRONMENT ? &environment : NULL); \
			result = form == LIST_SEARCHED ? execvp(path, arguments) : execve(path, arguments, environment); \
			scatter(arguments); \
		} \
		va_end(list); \
		return result; \
	}

INTERPOSE_LIST(execl, LIST_PATH)
INTERPOSE_LIST(execlp, LIST_SEARCHED)
INTERPOSE_LIST(execle, LIST_ENVIRONMENT)

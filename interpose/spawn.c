/* posix_spawn, system and popen: a child that executes another program at once. */
#include "call.h"

#include <fcntl.h>
#include <paths.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "environment.h"
#include "image.h"
#include "process.h"
#include "sys.h"
#include "task.h"

extern char **environ;

typedef int spawn_function(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
	char *const *, char *const *);

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* As posix_spawn: 0, or an errno value. */
static int do_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const *arguments, char *const *environment, spawn_function *genuine)
{
	enum uncontrolled reason = process_inspect(path);
	uint32_t task = process_child(base_name(path));
	pid_t child = 0;

	if (task == 0) {
		point_done(EAGAIN, 0);
		return EAGAIN;
	}
	task_command(task, arguments);
	char **ours = reason == UNCONTROLLED_NONE ? environment_open(environment, task, control_fd) : NULL;
	int error = genuine(&child, path, actions, attributes, arguments, ours ? ours : environment);
	if (ours)
		environment_close(ours);
	if (error == 0 && reason != UNCONTROLLED_NONE)
		process_leave(task, reason, path);
	process_born(task, error ? 0 : child);
	if (error == 0 && pid)
		*pid = child;
	return error;
}

INTERPOSE(int, posix_spawn,
	(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
		char *const arguments[], char *const environment[]),
	(pid, path, actions, attributes, arguments, environment))
{
	return do_spawn(pid, path, actions, attributes, arguments, environment, genuine_posix_spawn);
}

INTERPOSE(int, posix_spawnp,
	(pid_t *pid, const char *name, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
		char *const arguments[], char *const environment[]),
	(pid, name, actions, attributes, arguments, environment))
{
	char buffer[1024];
	const char *path = image_search(name, environ, buffer, sizeof buffer);

	if (!path)
		return ENOENT;
	return do_spawn(pid, path, actions, attributes, arguments, environment, genuine_posix_spawn);
}

static pid_t spawn_shell(const char *command, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes)
{
	char *arguments[] = {"sh", "-c", (char *)command, NULL};
	pid_t child = -1;
	int error = do_spawn(&child, _PATH_BSHELL, actions, attributes, arguments, environ, genuine_posix_spawn);

	return error ? call_error(error) : child;
}

/* POSIX: the caller ignores SIGINT and SIGQUIT and blocks SIGCHLD while the command runs; the command does not. */
INTERPOSE(int, system, (const char *command), (command))
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
	posix_spawnattr_t attributes;
	sigset_t children, mask, defaults;
	int status = -1;

	if (!command)
		return 1;
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigemptyset(&defaults);
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	sigprocmask(SIG_BLOCK, &children, &mask);
	if (interrupt.sa_handler != SIG_IGN)
		sigaddset(&defaults, SIGINT);
	if (quit.sa_handler != SIG_IGN)
		sigaddset(&defaults, SIGQUIT);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &mask);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	pid_t child = spawn_shell(command, NULL, &attributes);
	posix_spawnattr_destroy(&attributes);
	if (child > 0 && process_wait(child, &status, 0, NULL) != child)
		status = -1;
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return status;
}

/* What a stream is made of is libc's own business, heap included: popen does nothing else. */
static FILE *(*genuine_fdopen)(int, const char *);
static int (*genuine_fclose)(FILE *);
INTERPOSE_TABLE(fdopen, LIBC, NULL);
INTERPOSE_TABLE(fclose, LIBC, NULL);

/* Streams of popen and their children; the C library keeps such a list too. */
static struct {
	FILE *stream;
	pid_t child;
} streams[64];

static void remember(FILE *stream, pid_t child)
{
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		if (streams[i].stream)
			continue;
		streams[i].stream = stream;
		streams[i].child = child;
		return;
	}
}

/* The child does not inherit the parent's ends of earlier popen streams (POSIX). */
static void close_streams(posix_spawn_file_actions_t *actions)
{
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
		if (streams[i].stream)
			posix_spawn_file_actions_addclose(actions, fileno(streams[i].stream));
}

static FILE *open_stream(const char *command, const char *type, const int *ends, bool reads)
{
	posix_spawn_file_actions_t actions;
	int own = ends[reads ? 0 : 1], other = ends[reads ? 1 : 0];

	posix_spawn_file_actions_init(&actions);
	close_streams(&actions);
	posix_spawn_file_actions_adddup2(&actions, other, reads ? 1 : 0);
	pid_t child = spawn_shell(command, &actions, NULL);
	posix_spawn_file_actions_destroy(&actions);
	sys_close(other);
	FILE *stream = child > 0 ? genuine_fdopen(own, reads ? "r" : "w") : NULL;
	if (!stream) {
		sys_close(own);
		return NULL;
	}
	if (!strchr(type, 'e'))
		sys_call3(SYS_fcntl, own, F_SETFD, 0);
	remember(stream, child);
	return stream;
}

INTERPOSE(FILE *, popen, (const char *command, const char *type), (command, type))
{
	int ends[2];

	if (type[0] != 'r' && type[0] != 'w') {
		call_error(EINVAL);
		return NULL;
	}
	long result = sys_call3(SYS_pipe2, (long)ends, O_CLOEXEC, 0);
	if (result < 0) {
		call_error((int)-result);
		return NULL;
	}
	channel_new(ends[0]);
	return open_stream(command, type, ends, type[0] == 'r');
}

INTERPOSE(int, pclose, (FILE * stream), (stream))
{
	int status;

	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		if (streams[i].stream != stream)
			continue;
		streams[i].stream = NULL;
		genuine_fclose(stream);
		return process_wait(streams[i].child, &status, 0, NULL) < 0 ? -1 : status;
	}
	return genuine_pclose(stream);
}

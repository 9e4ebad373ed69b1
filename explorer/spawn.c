#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/control.h"

extern char **environ;

/*
 * Java's compiler begins when something has been called so often, on threads that run beside the program's: where, the
 * size of the environment is enough to change, and schedules could be followed on the machine alone that found them. And
 * machines that tell others in /tmp how they do look there at what others have left.
 */
static const char *const steady[] = {"JAVA_TOOL_OPTIONS=-Xint -XX:-UsePerfData", NULL};

int spawn_control_number(void)
{
	struct rlimit limit;
	int number = 1023;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 1024)
		number = (int)limit.rlim_cur - 1;
	while (number > 2 && fcntl(number, F_GETFD) >= 0)
		number--;
	return number > 2 ? number : -1;
}

static size_t count_texts(const char *const *texts)
{
	size_t n = 0;

	while (texts && texts[n])
		n++;
	return n;
}

/* Is a variable of this name in our environment? */
static bool is_set(const char *variable)
{
	size_t length = strcspn(variable, "=") + 1;

	for (char **at = environ; *at; at++)
		if (strncmp(*at, variable, length) == 0)
			return true;
	return false;
}

/* Appends to the list those that our environment has not. */
static size_t add_unset(char **list, size_t kept, const char *const *variables)
{
	for (; variables && *variables; variables++)
		if (!is_set(*variables))
			list[kept++] = (char *)*variables;
	return kept;
}

/* Our environment with the preload and the control descriptor's number in front, and what steadies the program. */
static char **environment(const struct spawn_options *options, int number)
{
	const char *others = getenv("LD_PRELOAD");
	size_t count = 0, kept = 0;
	char *preload, *descriptor;

	while (environ[count])
		count++;
	char **list = calloc(count + count_texts(options->defaults) + count_texts(steady) + 3, sizeof *list);
	if (!list)
		return NULL;
	if (asprintf(&preload, "LD_PRELOAD=%s%s%s", options->library, others ? ":" : "", others ? others : "") < 0 ||
		asprintf(&descriptor, CONTROL_VARIABLE "=%d", number) < 0)
		return NULL;
	list[kept++] = preload;
	list[kept++] = descriptor;
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], "LD_PRELOAD=", 11) != 0)
			list[kept++] = environ[i];
	kept = add_unset(list, kept, options->defaults);
	add_unset(list, kept, steady);
	return list;
}

static int move_to(int fd, int number)
{
	return fd < 0 || fd == number ? 0 : dup2(fd, number) < 0 ? -1 : 0;
}

static int set_descriptors(const struct spawn_options *options)
{
	if (move_to(options->input_fd, 0) < 0 || move_to(options->output_fd, 1) < 0 || move_to(options->output_fd, 2) < 0)
		return -1;
	return dup2(options->control_fd, options->control_number) < 0 ? -1 : 0;
}

void spawn_reset_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		if (number == SIGCHLD || number == SIGINT || number == SIGTERM || number == SIGPIPE ||
			number == SIGXFSZ)
			signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: never returns; the reason for a failure goes up the pipe. */
static void become_target(const struct spawn_options *options, char **list, int report)
{
	int error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (options->own_session)
		setsid();
	spawn_reset_signals();
	if (options->debugged)
		prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY); /* where only ancestors may attach otherwise */
	personality(ADDR_NO_RANDOMIZE); /* may be denied: nothing depends on it */
	if (set_descriptors(options) == 0)
		execve(options->path, options->arguments, list);
	error = errno;
	if (write(report, &error, sizeof error) < 0)
		_exit(126);
	_exit(127);
}

pid_t spawn_target(const struct spawn_options *options)
{
	int report[2], error = 0;
	char **list = environment(options, options->control_number);

	if (!list || pipe2(report, O_CLOEXEC) < 0)
		return -1;
	pid_t child = fork();
	if (child == 0)
		become_target(options, list, report[1]);
	close(report[1]);
	if (child > 0 && read(report[0], &error, sizeof error) == (ssize_t)sizeof error) {
		waitpid(child, NULL, 0);
		child = -1;
	} else {
		error = child < 0 ? errno : 0;
	}
	close(report[0]);
	free(list[0]);
	free(list[1]);
	free(list);
	errno = error;
	return child;
}

#include "debugger.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "family.h"
#include "spawn.h"
#include "view.h"

enum { WAIT_US = 10000, FIXED_WORDS = 8 };

void debugger_open(struct debug_session *session, const struct debugger_options *options, struct control *control,
	const struct follower *follower)
{
	struct debugger *debugger = &control->debugger;

	*session = (struct debug_session){.options = options};
	if (!options)
		return;
	memset(debugger, 0, offsetof(struct debugger, text));
	debugger->wanted = 1;
	debugger->until = options->stop_at;
	debugger->nlines = follower_place(follower).schedule->nlines;
}

/* gdb -q -x race.py [-batch -ex COMMAND...]; NULL: memory is short. */
static const char **arguments_of(const struct debugger_options *options)
{
	size_t ncommands = 0, n = 0;

	while (options->commands && options->commands[ncommands])
		ncommands++;
	const char **list = calloc(FIXED_WORDS + 2 * ncommands, sizeof *list);
	if (!list)
		return NULL;
	list[n++] = options->program;
	list[n++] = "-q";
	if (options->commands)
		list[n++] = "-batch";
	list[n++] = "-x";
	list[n++] = options->script;
	for (size_t i = 0; i < ncommands; i++) {
		list[n++] = "-ex";
		list[n++] = options->commands[i];
	}
	return list;
}

/* In the child. */
static void become_debugger(const struct debugger_options *options, const char **arguments, pid_t target)
{
	char number[16];

	prctl(PR_SET_PDEATHSIG, SIGHUP);
	spawn_reset_signals();
	snprintf(number, sizeof number, "%d", (int)target);
	setenv("RACE_DEBUGGEE", number, 1);
	if (options->quiet_output)
		dup2(2, 1);
	execv(options->program, (char *const *)(uintptr_t)arguments);
	_exit(127);
}

static void start(struct debug_session *session, pid_t target)
{
	const char **arguments = arguments_of(session->options);

	session->interrupt = signal(SIGINT, SIG_IGN);
	fflush(NULL);
	session->pid = arguments ? fork() : -1;
	if (session->pid == 0)
		become_debugger(session->options, arguments, target);
	session->failed = session->pid < 0;
	if (session->failed)
		session->pid = 0;
	else
		family_keep(session->pid);
	free(arguments);
}

static bool has_ended(struct debug_session *session)
{
	int status;

	if (session->pid && family_ended(session->pid, &status)) {
		family_forget(session->pid);
		session->pid = 0;
		signal(SIGINT, session->interrupt);
	}
	return session->pid == 0;
}

static void serve(struct control *control, const struct follower *follower)
{
	struct debugger *debugger = &control->debugger;
	uint32_t asked = __atomic_load_n(&debugger->asked, __ATOMIC_ACQUIRE);
	FILE *out;

	if (asked == debugger->answered || !(out = fmemopen(debugger->text, DEBUGGER_TEXT_BYTES, "w")))
		return;
	debugger->view[DEBUGGER_WORD_BYTES - 1] = '\0';
	if (view_print(debugger->view, control, follower_place(follower), out))
		fprintf(out, "race has no view '%s'\n", debugger->view);
	fclose(out);
	debugger->text[DEBUGGER_TEXT_BYTES - 1] = '\0';
	debugger->nbytes = (uint32_t)strlen(debugger->text);
	__atomic_store_n(&debugger->answered, asked, __ATOMIC_RELEASE);
}

bool debugger_look(struct debug_session *session, struct control *control, const struct follower *follower)
{
	struct debugger *debugger = &control->debugger;

	if (!session->options)
		return true;
	if (session->failed)
		return false;
	if (session->pid == 0) {
		if (__atomic_load_n(&debugger->waiting, __ATOMIC_ACQUIRE) && !debugger->attached)
			start(session, control->main_pid);
		return !session->failed;
	}
	serve(control, follower);
	if (has_ended(session) && !debugger->attached)
		session->failed = true;
	return !session->failed;
}

void debugger_note(const struct debug_session *session, struct control *control, const struct follower *follower)
{
	struct debugger *debugger = &control->debugger;

	if (!session->options)
		return;
	uint32_t line = follower_place(follower).line;
	debugger->begins = line != debugger->line;
	debugger->line = line;
	if (control->ask.diverged || (!debugger->step && (!debugger->until || debugger->line < debugger->until)))
		return;
	debugger->step = debugger->until = 0;
	debugger->due = 1;
}

bool debugger_wait(struct debug_session *session, const struct control *control)
{
	while (session->pid && !has_ended(session))
		usleep(WAIT_US);
	return !session->options || !control->debugger.killed;
}

bool debugger_explain(const struct debug_session *session, const struct control *control, char *reason,
	size_t reason_bytes, int *exit_code)
{
	if (!session->options || (!session->failed && !control->debugger.killed))
		return false;
	snprintf(reason, reason_bytes, session->failed ? "%s did not attach to the program, see its message" :
		"%s killed the program", session->options->program);
	*exit_code = session->failed ? EXIT_INTERNAL : EXIT_UNCONTROLLED;
	return true;
}

void debugger_close(struct debug_session *session)
{
	if (session->pid) {
		family_end(session->pid);
		session->pid = 0;
		signal(SIGINT, session->interrupt);
	}
}

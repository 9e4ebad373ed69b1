#include "execution.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "block.h"
#include "copies.h"
#include "guardian.h"
#include "proxy.h"
#include "shared/result.h"
#include "spawn.h"
#include "target.h"
#include "watch.h"

enum { DEFAULT_TIMEOUT_MS = 20000, DEFAULT_OUTPUT_BYTES = 1 << 20, STOP_TRIES = 200 };

struct execution {
	struct execution_options options;
	struct target target;
	struct block block;
	struct guardian guardian;
	char folder[256];
	char *library;
	pid_t process;       /* the fork server, or with exec reuse the main process; 0: none */
	int status;          /* of `process` once it has been reaped */
	bool ended;
	int output_fd, input_fd;
	char *output;
	size_t output_length;
	bool marked;         /* the last plan had PLAN_MARK */
	bool exec_reuse;
};

static void on_child(int number)
{
	(void)number; /* only interrupts the wait */
}

static void watch_children(void)
{
	struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_NOCLDSTOP};

	sigaction(SIGCHLD, &action, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* Standard input for executions that are run many times: a file is rewound, anything else is empty. */
static int open_input(struct settings *settings)
{
	off_t offset = lseek(0, 0, SEEK_CUR);

	if (offset >= 0 && !isatty(0)) {
		settings->input_offset = (uint64_t)offset;
		settings->input_offset_valid = 1;
		return -1;
	}
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static uint32_t pick_cpu(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) < 0)
		return ~0u;
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--)
		if (CPU_ISSET(cpu, &set))
			return (uint32_t)cpu;
	return ~0u;
}

static void fill_settings(struct execution *execution)
{
	struct settings *settings = &execution->block.control->settings;

	settings->mode = CONTROL_CONTROL;
	settings->reuse = execution->options.exec_only ? REUSE_EXEC : REUSE_FORK;
	settings->carrier = CARRIER_THREAD;
	settings->cpu = pick_cpu();
	settings->control_fd = spawn_control_number();
	settings->explorer_pid = getpid();
	settings->redirect = !execution->options.real_databases;
	snprintf(settings->folder, sizeof settings->folder, "%s", execution->folder);
}

static int open_streams(struct execution *execution)
{
	execution->output_fd = execution->input_fd = -1;
	if (execution->options.pass_output)
		return 0;
	execution->output_fd = memfd_create("race-output", MFD_CLOEXEC);
	if (execution->output_fd < 0 || fcntl(execution->output_fd, F_SETFL, O_APPEND) < 0)
		return -1;
	execution->input_fd = open_input(&execution->block.control->settings);
	return 0;
}

static int refuse(char *reason, size_t reason_bytes, int *exit_code, int code, const char *what)
{
	snprintf(reason, reason_bytes, "%s: %s", what, strerror(errno));
	*exit_code = code;
	return -1;
}

static int prepare(struct execution *execution, char *reason, size_t reason_bytes, int *exit_code)
{
	if (copies_open(execution->folder, sizeof execution->folder) < 0)
		return refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL,
			"cannot make a folder for the campaign in $TMPDIR, /dev/shm or /tmp");
	if (block_open(&execution->block) < 0)
		return refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL, "cannot make the control block");
	fill_settings(execution);
	if (open_streams(execution) < 0)
		return refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL, "cannot make a file for the target's output");
	if (guardian_open(&execution->guardian, execution->block.control, execution->folder) < 0)
		return refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL, "cannot start the guardian process");
	return 0;
}

struct execution *execution_open(const struct execution_options *options, char *reason, size_t reason_bytes,
	int *exit_code)
{
	struct execution *execution = calloc(1, sizeof *execution);

	if (!execution) {
		refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL, "race");
		return NULL;
	}
	execution->options = *options;
	execution->block.fd = execution->output_fd = execution->input_fd = -1;
	execution->exec_reuse = options->exec_only;
	*exit_code = target_inspect(options->command, &execution->target);
	if (*exit_code != EXIT_CLEAN) {
		snprintf(reason, reason_bytes, "%s", execution->target.reason);
		goto fail;
	}
	execution->library = realpath(options->library, NULL);
	if (!execution->library) {
		refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL, options->library);
		goto fail;
	}
	watch_children();
	if (prepare(execution, reason, reason_bytes, exit_code) < 0)
		goto fail;
	return execution;
fail:
	execution_close(execution);
	return NULL;
}

static int start_target(struct execution *execution)
{
	struct spawn_options spawn = {
		.path = execution->target.path,
		.arguments = execution->options.command,
		.library = execution->library,
		.control_fd = execution->block.fd,
		.output_fd = execution->output_fd,
		.input_fd = execution->input_fd,
		.own_session = !execution->options.pass_output,
	};
	struct control *control = execution->block.control;

	control->started = 0;
	control->server_pid = 0;
	control->main_ended = 0;
	control->main_pid = 0;
	execution->ended = false;
	execution->process = spawn_target(&spawn);
	if (execution->process < 0) {
		execution->process = 0;
		return -1;
	}
	if (execution->exec_reuse)
		control->main_pid = execution->process;
	return 0;
}

/* Reaps what has died; orphans of executions come to us as the subreaper. */
static void reap(struct execution *execution)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == execution->process) {
			execution->status = status;
			execution->ended = true;
			execution->process = 0;
		} else if (pid == execution->guardian.pid) {
			execution->guardian.pid = 0;
		}
	}
}

static bool any_live(const struct control *control)
{
	const struct world *world = &control->world;

	for (uint32_t i = 2; i <= world->nprocesses && i < LIMIT_PROCESSES; i++)
		if (world->processes[i].state == PROCESS_LIVE)
			return true;
	return false;
}

static void kill_rest(struct execution *execution)
{
	guardian_kill(execution->block.control, 0);
	reap(execution);
}

/* The main process has ended while others live: they go on until nobody can, and are ended then. */
static bool serve_leftover(struct execution *execution)
{
	struct control *control = execution->block.control;
	struct world *world = &control->world;

	if (world->nprocesses > 0 && world->processes[1].state == PROCESS_LIVE)
		return proxy_died(control, 1, control->main_status) != PROXY_NOBODY && any_live(control);
	return any_live(control) && world->outcome == OUTCOME_NONE;
}

static void answer(struct execution *execution, struct follower *follower)
{
	struct ask *ask = &execution->block.control->ask;

	if (follower)
		follower_answer(follower, execution->block.control);
	else
		ask->diverged = 1;
	__atomic_store_n(&ask->word, ASK_ANSWERED, __ATOMIC_RELEASE);
	block_wake(&ask->word);
}

/* Ends the execution from outside: everything dies, the result is what the world says. */
static void finish_here(struct execution *execution, int status)
{
	struct control *control = execution->block.control;
	struct slot *slot = &control->slots[control->current_slot % LIMIT_SLOTS];

	if (any_live(control)) {
		control->world.uncontrolled |= 1u << UNCONTROLLED_LEFTOVER;
		kill_rest(execution);
	}
	if (slot->state == SLOT_RUNNING) {
		result_fill(control, status);
		block_wake(&slot->state);
	}
}

/* One look at a running execution. False: it is over. */
static bool attend(struct execution *execution, struct watch *watch)
{
	struct control *control = execution->block.control;

	reap(execution);
	if (execution->ended) {
		if (!execution->exec_reuse || !control->started)
			return false; /* the fork server is gone, or never came up */
		control->main_status = execution->status;
		control->main_ended = 1;
	}
	if (control->main_ended && (execution->exec_reuse || control->attention)) {
		if (!serve_leftover(execution)) {
			finish_here(execution, control->main_status);
			return false;
		}
	}
	if (watch_look(watch, control) == WATCH_OVER)
		kill_rest(execution);
	return true;
}

static bool wait_done(struct execution *execution, struct slot *slot, struct follower *follower)
{
	struct control *control = execution->block.control;
	uint64_t timeout_ms = execution->options.timeout_ms ? execution->options.timeout_ms : DEFAULT_TIMEOUT_MS;
	struct watch watch;

	watch_open(&watch, timeout_ms * 1000000);
	for (;;) {
		uint32_t seen = __atomic_load_n(&control->results_written, __ATOMIC_ACQUIRE);
		if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == SLOT_DONE)
			return true;
		if (__atomic_load_n(&control->ask.word, __ATOMIC_ACQUIRE) == ASK_PENDING) {
			answer(execution, follower);
			continue;
		}
		if (!control->attention && !execution->ended)
			block_wait(&execution->block, seen, WATCH_PERIOD_NS);
		else
			usleep(1000);
		if (__atomic_load_n(&control->results_written, __ATOMIC_ACQUIRE) != seen && !control->attention)
			continue;
		if (!attend(execution, &watch) && slot->state != SLOT_DONE)
			return false;
	}
}

static int lost_target(struct execution *execution, char *reason, size_t reason_bytes, int *exit_code)
{
	const struct control *control = execution->block.control;

	*exit_code = EXIT_UNCONTROLLED;
	if (!control->started)
		snprintf(reason, reason_bytes, "%s did not load %s: it was not started by the dynamic loader of glibc",
			execution->target.path, execution->library);
	else if (WIFSIGNALED(execution->status))
		snprintf(reason, reason_bytes, "%s was ended by signal %d (%s) before its main function",
			execution->target.path, WTERMSIG(execution->status), strsignal(WTERMSIG(execution->status)));
	else
		snprintf(reason, reason_bytes, "%s ended with status %d before its main function", execution->target.path,
			WEXITSTATUS(execution->status));
	return -1;
}

static void forget_output(struct execution *execution)
{
	free(execution->output);
	execution->output = NULL;
	execution->output_length = 0;
	if (execution->output_fd >= 0 && ftruncate(execution->output_fd, 0) < 0)
		lseek(execution->output_fd, 0, SEEK_SET);
}

/* With exec reuse each execution has its own process; a fork server that was ended is started again. */
static int ensure_target(struct execution *execution, char *reason, size_t reason_bytes, int *exit_code)
{
	reap(execution);
	if (execution->block.control->downgraded)
		execution->exec_reuse = true;
	if (execution->process > 0 && !execution->exec_reuse)
		return 0;
	if (start_target(execution) < 0)
		return refuse(reason, reason_bytes, exit_code, EXIT_USAGE, execution->target.path);
	return 0;
}

static struct trace *collect(struct execution *execution, struct slot *slot, const char **reason)
{
	struct control *control = execution->block.control;
	const char *bytes = (const char *)control + slot->trace_offset;
	uint64_t nbytes = slot->result.trace_bytes;

	return trace_read(bytes, nbytes <= LIMIT_TRACE_BYTES ? nbytes : 0, &slot->result, control, reason);
}

static void settle(struct execution *execution)
{
	struct control *control = execution->block.control;

	if (any_live(control))
		kill_rest(execution);
	if (execution->exec_reuse && execution->process > 0) {
		kill(execution->process, SIGKILL);
		waitpid(execution->process, &execution->status, 0);
		execution->process = 0;
	}
	reap(execution);
}

int execution_run(struct execution *execution, const struct plan_draft *draft, struct follower *follower,
	struct trace **trace, char *reason, size_t reason_bytes, int *exit_code)
{
	struct control *control = execution->block.control;
	const char *unread = "";

	forget_output(execution);
	*exit_code = EXIT_INTERNAL;
	if (copies_reset(control, reason, reason_bytes) < 0)
		return -1;
	struct plan_draft local = *draft;
	if (follower)
		local.plan.flags |= PLAN_ASK;
	execution->marked = local.plan.flags & PLAN_MARK;
	int index = block_plan(&execution->block, &local);
	if (index < 0) {
		snprintf(reason, reason_bytes, "a prefix of %u choices is more than this build can force", draft->nprefix);
		return -1;
	}
	struct slot *slot = &control->slots[index];
	if (ensure_target(execution, reason, reason_bytes, exit_code) < 0) {
		slot->state = SLOT_IDLE;
		return -1;
	}
	if (!wait_done(execution, slot, follower)) {
		slot->state = SLOT_IDLE;
		return lost_target(execution, reason, reason_bytes, exit_code);
	}
	settle(execution);
	*trace = collect(execution, slot, &unread);
	__atomic_store_n(&slot->state, SLOT_IDLE, __ATOMIC_RELEASE);
	if (!*trace) {
		snprintf(reason, reason_bytes, "the trace of an execution cannot be read: %s", unread);
		*exit_code = EXIT_INTERNAL;
		return -1;
	}
	return 0;
}

int execution_observe(struct execution *execution, const struct trace *trace, struct observation *out)
{
	*out = (struct observation){.trace = trace};
	return copies_observe(execution->block.control, execution->marked, out);
}

const char *execution_output(struct execution *execution, size_t *nbytes, bool *truncated)
{
	size_t limit = execution->options.output_bytes ? execution->options.output_bytes : DEFAULT_OUTPUT_BYTES;

	*nbytes = 0;
	*truncated = false;
	if (execution->output_fd < 0)
		return "";
	off_t length = lseek(execution->output_fd, 0, SEEK_END);
	if (!execution->output)
		execution->output = malloc(limit + 1);
	if (length < 0 || !execution->output)
		return "";
	ssize_t got = pread(execution->output_fd, execution->output, limit, 0);
	execution->output_length = got > 0 ? (size_t)got : 0;
	execution->output[execution->output_length] = '\0';
	*nbytes = execution->output_length;
	*truncated = (size_t)length > limit;
	return execution->output;
}

struct control *execution_control(struct execution *execution)
{
	return execution->block.control;
}

const char *execution_carrier(const struct execution *execution)
{
	(void)execution;
	return "thread";
}

const char *execution_reuse(const struct execution *execution)
{
	return execution->exec_reuse ? "exec" : "fork";
}

static void stop_server(struct execution *execution)
{
	struct control *control = execution->block.control;

	if (!control || execution->process <= 0)
		return;
	guardian_kill(control, 1);
	kill(execution->process, SIGKILL);
	for (int i = 0; i < STOP_TRIES && execution->process > 0; i++) {
		reap(execution);
		if (execution->process > 0)
			usleep(1000);
	}
	guardian_kill(control, 1);
	reap(execution);
}

void execution_close(struct execution *execution)
{
	if (!execution)
		return;
	stop_server(execution);
	guardian_close(&execution->guardian);
	if (execution->folder[0])
		guardian_remove(execution->folder);
	block_close(&execution->block);
	if (execution->output_fd >= 0)
		close(execution->output_fd);
	if (execution->input_fd >= 0)
		close(execution->input_fd);
	target_close(&execution->target);
	free(execution->library);
	free(execution->output);
	free(execution);
}

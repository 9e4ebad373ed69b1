#include "execution_private.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "copies.h"
#include "debugger.h"
#include "fallback.h"
#include "family.h"
#include "leftover.h"
#include "loss.h"
#include "processor.h"
#include "proxy.h"
#include "runtime_log.h"
#include "servers.h"
#include "shared/result.h"
#include "spawn.h"
#include "target.h"
#include "unwinder.h"

static int fill_settings(struct execution *execution)
{
	struct settings *settings = &execution->block.control->settings;

	settings->mode = CONTROL_CONTROL;
	settings->reuse = execution->options.reuse;
	settings->carrier = execution->options.carrier;
	settings->cpu = processor_pick();
	settings->control_fd = spawn_control_number();
	settings->explorer_pid = getpid();
	settings->explorer_fd = execution->block.fd;
	settings->redirect = !execution->options.real_databases;
	settings->stacks = execution->options.stacks ||
		(execution->options.servers.urls && execution->options.servers.urls[0]);
	snprintf(settings->folder, sizeof settings->folder, "%s", execution->folder);
	return settings->control_fd < 0 ? -1 : 0;
}

static int refuse(char *reason, size_t reason_bytes, int *exit_code, int code, const char *what)
{
	int error = errno;

	snprintf(reason, reason_bytes, "%s: %s%s", what, strerror(error), block_shortage(error));
	*exit_code = code;
	return -1;
}

static int prepare(struct execution *execution, char *reason, size_t reason_bytes, int *exit_code)
{
	const struct execution_options *options = &execution->options;

	if (copies_open(execution->folder, sizeof execution->folder) < 0)
		return refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL,
			"cannot make a folder for the campaign in $TMPDIR, /dev/shm or /tmp");
	if (block_open(&execution->block) < 0)
		return refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL, "cannot make the control block");
	if (fill_settings(execution) < 0 && (errno = EMFILE))
		return refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL,
			"no descriptor is left for the control block (ulimit -n)");
	if (!options->pass_output &&
		output_open(&execution->output, &execution->block.control->settings, options->output_bytes) < 0)
		return refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL, "cannot make a file for the target's output");
	if (options->debugger && output_spare_input(&execution->output, &execution->block.control->settings) < 0)
		return refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL, "/dev/null");
	execution->servers = servers_open(&options->servers, execution->block.control, reason, reason_bytes, exit_code);
	if (!execution->servers || network_open(&options->network, options->servers.urls, execution->block.control, reason,
			reason_bytes, exit_code) < 0)
		return -1;
	if (guardian_open(&execution->guardian, &execution->block, execution->folder) < 0)
		return refuse(reason, reason_bytes, exit_code, EXIT_INTERNAL, "cannot start the guardian process");
	block_private(&execution->block);
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
	execution->taken = AHEAD_NONE;
	execution->block.fd = -1;
	output_init(&execution->output);
	execution->exec_reuse = options->reuse == REUSE_EXEC;
	watch_open(&execution->watch, options->timeout_ms * 1000000);
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
	family_open();
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
		.control_number = execution->block.control->settings.control_fd,
		.output_fd = execution->output.fd,
		.input_fd = execution->output.input_fd,
		.defaults = servers_variables(execution->block.control),
		.own_session = !execution->options.pass_output || execution->options.debugger,
		.debugged = execution->options.debugger,
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
	family_keep(execution->process);
	if (execution->exec_reuse)
		control->main_pid = execution->process;
	return 0;
}

/* Reaps what has died; orphans of executions come to us as the subreaper. */
static void reap(struct execution *execution)
{
	if (!family_ended(execution->process, &execution->status))
		return;
	family_forget(execution->process);
	execution->ended = true;
	execution->process = 0;
}

static void kill_rest(struct execution *execution)
{
	guardian_kill(execution->block.control, 0);
	reap(execution);
}

static void answer(struct execution *execution, struct follower *follower)
{
	struct ask *ask = &execution->block.control->ask;

	if (follower)
		follower_answer(follower, execution->block.control);
	else
		ask->diverged = 1;
	debugger_note(&execution->session, execution->block.control, follower);
	__atomic_store_n(&ask->word, ASK_ANSWERED, __ATOMIC_RELEASE);
	block_wake(&ask->word);
}

/* Ends the execution from outside: everything dies, the result is what the world says. */
static void finish_here(struct execution *execution, int status)
{
	struct control *control = execution->block.control;
	struct slot *slot = &control->slots[control->current_slot % CONTROL_SLOTS];

	leftover_note(control);
	kill_rest(execution);
	if (slot->state == SLOT_RUNNING) {
		result_fill(control, status);
		block_wake(&slot->state);
	}
}

/* The main process has ended. False: nobody else goes on. */
static bool attend_leftover(struct execution *execution, enum watch_verdict verdict)
{
	struct control *control = execution->block.control;

	if (verdict == WATCH_FINE && leftover_serve(control))
		return true;
	finish_here(execution, control->main_status);
	return false;
}

/* One look at a running execution. False: it is over. */
static bool attend(struct execution *execution, const struct slot *slot)
{
	struct control *control = execution->block.control;

	reap(execution);
	output_trim(&execution->output);
	if (slot->state == SLOT_PLANNED || slot->state == SLOT_CLAIMED)
		return !execution->ended && watch_start(&execution->watch, control) == WATCH_FINE;
	if (execution->ended) {
		if (!execution->exec_reuse)
			return false; /* the fork server is gone */
		control->main_status = execution->status;
		control->main_ended = 1;
	}
	enum watch_verdict verdict = watch_look(&execution->watch, control);
	if (control->main_ended && (execution->exec_reuse || control->attention))
		return attend_leftover(execution, verdict);
	if (verdict == WATCH_OVER)
		kill_rest(execution);
	return true;
}

static bool is_stopped(struct execution *execution)
{
	const struct execution_options *options = &execution->options;

	execution->stopped = (options->stop && *options->stop) || (options->over && options->over(options->over_state));
	return execution->stopped;
}

bool execution_wait(struct execution *execution, struct slot *slot, struct follower *follower)
{
	struct control *control = execution->block.control;

	watch_begin(&execution->watch);
	for (;;) {
		uint32_t seen = __atomic_load_n(&control->results_written, __ATOMIC_ACQUIRE);
		if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == SLOT_DONE)
			return true;
		if (is_stopped(execution) || !debugger_look(&execution->session, control, follower))
			return false;
		if (servers_answer(execution->servers, control))
			continue;
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
		if (!attend(execution, slot) && slot->state != SLOT_DONE)
			return false;
	}
}

/* With exec reuse each execution has its own process; a fork server that was ended is started again. */
static int ensure_target(struct execution *execution, char *reason, size_t reason_bytes, int *exit_code)
{
	reap(execution);
	if (execution->process > 0 && !execution->exec_reuse)
		return 0;
	if (start_target(execution) < 0)
		return refuse(reason, reason_bytes, exit_code, EXIT_USAGE, execution->target.path);
	return 0;
}

struct trace *execution_collect(struct execution *execution, const struct slot *slot, const char **reason)
{
	struct control *control = execution->block.control;
	const char *bytes = (const char *)control + slot->trace_offset;
	uint64_t nbytes = slot->result.trace_bytes;

	return trace_read(bytes, nbytes <= slot->trace_limit ? nbytes : 0, &slot->result, control, reason);
}

static void settle(struct execution *execution, struct slot *slot)
{
	struct control *control = execution->block.control;

	if (leftover_any(control))
		kill_rest(execution);
	if (execution->exec_reuse) {
		family_end(execution->process);
		execution->process = 0;
	}
	if (!recheck_was_restored(&execution->recheck, control)) /* else its process lives on, and has made no others */
		family_kill_strays(leftover_note_stray, control);
	reap(execution);
	slot->result.trace_bytes = control->world.trace_bytes;
	slot->result.uncontrolled = control->world.uncontrolled;
	leftover_forget(control);
}

void execution_stop(struct execution *execution)
{
	if (!execution->block.control)
		return;
	guardian_kill(execution->block.control, 1);
	family_end(execution->process);
	execution->process = 0;
	family_kill_strays(NULL, NULL);
	ahead_forget(&execution->ahead, execution->block.control);
	leftover_forget(execution->block.control);
	execution->block.control->server_pid = 0;
}

/* What is left of an execution that is given up dies, the fork server included: the next one starts afresh. */
static int give_up(struct execution *execution, struct slot *slot, char *reason, size_t reason_bytes, int *exit_code)
{
	bool stopped = execution->stopped && !execution->ended;

	if (stopped)
		snprintf(reason, reason_bytes, "interrupted");
	else if (!debugger_explain(&execution->session, execution->block.control, reason, reason_bytes, exit_code))
		*exit_code = loss_explain(execution->block.control, &execution->target, execution->status, reason,
			reason_bytes);
	if (stopped)
		*exit_code = EXIT_CLEAN;
	debugger_close(&execution->session);
	execution_stop(execution);
	slot->state = SLOT_IDLE;
	return -1;
}

/* Once, as the carrier in force lets it. */
static int run_once(struct execution *execution, const struct plan_draft *draft, struct follower *follower,
	struct trace **trace, char *reason, size_t reason_bytes, int *exit_code)
{
	struct control *control = execution->block.control;
	const char *unread = "";

	output_clear(&execution->output);
	runtime_log_clear(control);
	*exit_code = EXIT_INTERNAL;
	if (unwinder_wanted(control, &draft->plan))
		execution_stop(execution);
	if (copies_reset(control, reason, reason_bytes) < 0 ||
		servers_reset(execution->servers, control, draft->plan.flags, reason, reason_bytes) < 0)
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
	execution->slot = (uint32_t)index;
	debugger_open(&execution->session, execution->options.debugger, control, follower);
	if (ensure_target(execution, reason, reason_bytes, exit_code) < 0) {
		slot->state = SLOT_IDLE;
		return -1;
	}
	bool done = execution_wait(execution, slot, follower) && debugger_wait(&execution->session, control);
	if (execution->options.log)
		runtime_log_print(control, draft->plan.number, stderr);
	if (!done)
		return give_up(execution, slot, reason, reason_bytes, exit_code);
	settle(execution, slot);
	if (slot->result.outcome == OUTCOME_BROKEN || slot->result.outcome == OUTCOME_REFUSED)
		return give_up(execution, slot, reason, reason_bytes, exit_code);
	*trace = execution_collect(execution, slot, &unread);
	__atomic_store_n(&slot->state, SLOT_IDLE, __ATOMIC_RELEASE);
	if (!*trace) {
		snprintf(reason, reason_bytes, "the trace of an execution cannot be read: %s", unread);
		*exit_code = EXIT_INTERNAL;
		return -1;
	}
	return 0;
}

/* The fresh execution is the one that counts. */
static int run_fresh(struct execution *execution, const struct plan_draft *draft, struct trace **trace, char *reason,
	size_t reason_bytes, int *exit_code)
{
	struct result restored = (*trace)->result;
	struct plan_draft fresh = *draft;

	trace_close(*trace);
	*trace = NULL;
	execution_quieten(execution);
	fresh.plan.flags |= PLAN_FRESH;
	if (run_once(execution, &fresh, NULL, trace, reason, reason_bytes, exit_code) < 0)
		return -1;
	if (!recheck_compare(execution->block.control, &restored, &(*trace)->result))
		execution_stop(execution);
	return 0;
}

/* Until a carrier has carried it. */
static int run_alone(struct execution *execution, const struct plan_draft *draft, struct follower *follower,
	struct trace **trace, char *reason, size_t reason_bytes, int *exit_code)
{
	for (;;) {
		recheck_begin(&execution->recheck, execution->block.control);
		int result = run_once(execution, draft, follower, trace, reason, reason_bytes, exit_code);
		if (!fallback_take(execution->block.control))
			return result;
		if (result == 0)
			trace_close(*trace);
		*trace = NULL;
		execution_stop(execution);
		if (follower)
			follower_restart(follower);
	}
}

int execution_run(struct execution *execution, const struct plan_draft *draft, struct follower *follower,
	struct trace **trace, char *reason, size_t reason_bytes, int *exit_code)
{
	bool ahead = !follower && execution_take_ahead(execution, draft, trace);

	if (!ahead) {
		execution_quieten(execution);
		if (run_alone(execution, draft, follower, trace, reason, reason_bytes, exit_code) < 0)
			return -1;
	}
	bool restored = ahead || recheck_was_restored(&execution->recheck, execution->block.control);
	if (restored && recheck_is_due(&execution->recheck, &(*trace)->result))
		return run_fresh(execution, draft, trace, reason, reason_bytes, exit_code);
	if (!ahead && !follower)
		execution_go_ahead(execution, draft);
	return 0;
}

int execution_observe(struct execution *execution, const struct trace *trace, struct observation *out, char *reason,
	size_t reason_bytes)
{
	*out = (struct observation){.trace = trace};
	if (copies_observe(execution->block.control, execution->marked, out) == 0)
		return servers_observe(execution->servers, out, reason, reason_bytes);
	snprintf(reason, reason_bytes, "the databases can't be looked at: out of memory");
	return -1;
}

const char *execution_output(struct execution *execution, size_t *nbytes, bool *truncated)
{
	return output_text(&execution->output, nbytes, truncated);
}

const void *execution_records(const struct execution *execution)
{
	const struct control *control = execution->block.control;

	return (const char *)control + control->slots[execution->slot].trace_offset;
}

const struct target *execution_target(const struct execution *execution)
{
	return &execution->target;
}

struct control *execution_control(struct execution *execution)
{
	return execution->block.control;
}

const char *execution_carrier(const struct execution *execution)
{
	return execution->block.control->settings.carrier == CARRIER_FIBER ? "fiber" : "thread";
}

const char *execution_reuse(const struct execution *execution)
{
	const struct control *control = execution->block.control;
	bool restores = control->nrestored > 0 && control->settings.carrier == CARRIER_FIBER;
	return execution->exec_reuse ? "exec" : restores ? "restore" : "fork";
}

uint64_t execution_resumed(const struct execution *execution)
{
	return execution->block.control->nresumed;
}

bool execution_fallback(const struct execution *execution, char *reason, size_t nbytes)
{
	return fallback_explain(execution->block.control, reason, nbytes);
}

void execution_close(struct execution *execution)
{
	if (!execution)
		return;
	execution_stop(execution);
	ahead_close(&execution->ahead);
	servers_close(execution->servers, execution->block.control);
	guardian_close(&execution->guardian);
	block_close(&execution->block);
	output_close(&execution->output);
	if (execution->folder[0])
		guardian_remove(execution->folder); /* it needs descriptors that may have been short */
	target_close(&execution->target);
	free(execution->library);
	free(execution);
}

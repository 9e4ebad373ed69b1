#include "loss.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { LINE_BYTES = 256, STATUS_NOT_STARTED = 127 };

void loss_log(const struct control *control, char *line, size_t nbytes)
{
	size_t used = control->log_used < LIMIT_LOG_BYTES ? control->log_used : LIMIT_LOG_BYTES;
	size_t start = 0;

	while (used > 0 && (control->log[used - 1] == '\n' || control->log[used - 1] == '\0'))
		used--;
	for (size_t at = used; at > 0 && start == 0; at--)
		if (control->log[at - 1] == '\n')
			start = at;
	snprintf(line, nbytes, "%.*s", (int)(used - start), control->log + start);
}

static int explain_end(const char *path, const char *when, int status, char *reason, size_t reason_bytes)
{
	if (WIFSIGNALED(status))
		snprintf(reason, reason_bytes, "%s was ended by signal %d (%s) %s", path, WTERMSIG(status),
			strsignal(WTERMSIG(status)), when);
	else
		snprintf(reason, reason_bytes, "%s ended with status %d %s", path, WEXITSTATUS(status), when);
	return status == 0 ? EXIT_UNCONTROLLED : EXIT_COMMAND_FAILS;
}

static const char *text_at(const struct control *control, uint32_t offset)
{
	return offset < LIMIT_TEXT_BYTES ? control->text + offset : "";
}

/* A peer that executions, of which there are many, must not talk to. */
static int explain_peer(const struct control *control, const char *path, char *reason, size_t reason_bytes)
{
	static const struct {
		const char *name, *url;
	} servers[] = {
#define X(identifier, name, port, path, url) {name, url},
		DATABASE_SERVERS(X)
#undef X
	};
	const struct obstacle *obstacle = &control->obstacle;
	const char *peer = text_at(control, obstacle->path);
	uint32_t server = (uint32_t)obstacle->error < DATABASE_SERVER_COUNT ? (uint32_t)obstacle->error : 0;

	if (obstacle->kind == OBSTACLE_NETWORK)
		snprintf(reason, reason_bytes, "%s connects to %s, which is not on this machine: exploring would do so in each "
			"execution; --allow-net %.*s lets it", path, peer, (int)(strrchr(peer, ':') ? strrchr(peer, ':') - peer : 0),
			peer);
	else
		snprintf(reason, reason_bytes, "%s talks to the %s server at %s, which no --db names: name its test database "
			"(--db '%s'), or say --db none when the command itself puts back what it changes", path,
			servers[server].name, peer, servers[server].url);
	return EXIT_USAGE;
}

static int explain_denial(const struct control *control, const char *path, char *reason, size_t reason_bytes)
{
	const struct obstacle *obstacle = &control->obstacle;

	if (obstacle->kind == OBSTACLE_NETWORK || obstacle->kind == OBSTACLE_DATABASE)
		return explain_peer(control, path, reason, reason_bytes);
	if (obstacle->kind == OBSTACLE_DATABASES) {
		snprintf(reason, reason_bytes, "%s is one database file more than the %d that race makes copies of; "
			"--real-databases works without copies", text_at(control, obstacle->path), LIMIT_REDIRECTS - 1);
		return EXIT_UNCONTROLLED;
	}
	if (obstacle->kind == OBSTACLE_FOREIGN) {
		snprintf(reason, reason_bytes, "all threads of %s wait, perhaps for one that it has made by a bare clone: those are "
			"not controlled", path);
		return EXIT_UNCONTROLLED;
	}
	snprintf(reason, reason_bytes, "%s can't be copied to %s, where executions work on it: %s; "
		"TMPDIR can name another folder", text_at(control, obstacle->path), control->settings.folder,
		strerror(obstacle->error));
	return EXIT_INTERNAL;
}

int loss_explain(const struct control *control, const struct target *target, int status, char *reason,
	size_t reason_bytes)
{
	char line[LINE_BYTES];

	if (control->world.outcome == OUTCOME_BROKEN) {
		loss_log(control, line, sizeof line);
		snprintf(reason, reason_bytes, "race's own part in %s gave up: %s", target->path, line);
		return EXIT_INTERNAL;
	}
	if (control->world.outcome == OUTCOME_REFUSED)
		return explain_denial(control, target->path, reason, reason_bytes);
	if (control->world.outcome == OUTCOME_HANG) {
		snprintf(reason, reason_bytes, "%s did not reach its main function in the time allowed (--timeout)",
			target->path);
		return EXIT_UNCONTROLLED;
	}
	if (control->started && control->server_pid)
		return explain_end(target->path, "between two executions", status, reason, reason_bytes);
	if (control->started)
		return explain_end(target->path, "before its main function", status, reason, reason_bytes);
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_NOT_STARTED)
		return explain_end(target->path, "before it began: does it find its shared libraries?", status, reason,
			reason_bytes);
	snprintf(reason, reason_bytes, "%s did not load librace.so: it was not started by the dynamic loader of glibc, "
		"or something on the way took LD_PRELOAD out of the environment", target->path);
	return EXIT_UNCONTROLLED;
}

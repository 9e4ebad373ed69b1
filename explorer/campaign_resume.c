/* The journal of a campaign, opened: what search is this? */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "campaign_private.h"
#include "target.h"

enum { CHUNK_BYTES = 65536 };

static void add_text(XXH3_state_t *state, const char *text)
{
	XXH3_64bits_update(state, text ? text : "", strlen(text ? text : "") + 1);
}

static void add_number(XXH3_state_t *state, int64_t number)
{
	XXH3_64bits_update(state, &number, sizeof number);
}

/* What cannot be read is told by whoever runs it. */
static void add_file(XXH3_state_t *state, const char *path)
{
	char chunk[CHUNK_BYTES];
	ssize_t length;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	while ((length = read(fd, chunk, sizeof chunk)) > 0)
		XXH3_64bits_update(state, chunk, (size_t)length);
	close(fd);
}

static uint64_t hash_command(XXH3_state_t *state, char *const *command)
{
	XXH3_64bits_reset(state);
	for (; *command; command++)
		add_text(state, *command);
	return XXH3_64bits_digest(state);
}

/* Of a script: the script, and what runs it. */
static uint64_t hash_program(XXH3_state_t *state, const struct target *target)
{
	XXH3_64bits_reset(state);
	add_file(state, target->path);
	if (target->program && strcmp(target->program, target->path) != 0)
		add_file(state, target->program);
	return XXH3_64bits_digest(state);
}

static uint64_t hash_library(XXH3_state_t *state, const char *path)
{
	XXH3_64bits_reset(state);
	add_file(state, path);
	return XXH3_64bits_digest(state);
}

static uint64_t hash_search(XXH3_state_t *state, const struct campaign_options *options)
{
	const struct strategy_options *strategy = &options->strategy_options;

	XXH3_64bits_reset(state);
	add_text(state, options->strategy->name);
	add_text(state, strategy->chooser);
	add_number(state, (int64_t)strategy->seed);
	add_number(state, strategy->bound);
	add_number(state, strategy->delays);
	add_number(state, strategy->depth);
	add_number(state, options->execution.reuse == REUSE_EXEC);
	add_number(state, options->execution.real_databases);
	return XXH3_64bits_digest(state);
}

static uint64_t hash_judgement(XXH3_state_t *state, const struct campaign_options *options)
{
	const char *const *ignore;

	XXH3_64bits_reset(state);
	add_number(state, options->oracle.serial);
	add_number(state, options->oracle.reads);
	add_text(state, options->check);
	for (ignore = options->oracle.ignores; ignore && *ignore; ignore++)
		add_text(state, *ignore);
	return XXH3_64bits_digest(state);
}

static int identify(const struct campaign *campaign, struct journal_identity *identity)
{
	const struct campaign_options *options = &campaign->options;
	XXH3_state_t *state = XXH3_createState();

	if (!state)
		return -1;
	*identity = (struct journal_identity){
		.command = hash_command(state, options->execution.command),
		.program = hash_program(state, execution_target(campaign->execution)),
		.library = hash_library(state, options->execution.library),
		.search = hash_search(state, options),
		.judgement = hash_judgement(state, options),
	};
	XXH3_freeState(state);
	return 0;
}

int campaign_resume(struct campaign *campaign)
{
	struct journal_identity identity;
	char reason[sizeof campaign->result->reason];
	int exit_code;

	if (identify(campaign, &identity) < 0) {
		campaign_fail(campaign, "race: out of memory");
		return -1;
	}
	campaign->journal = journal_open(campaign->options.resume, &identity, execution_control(campaign->execution),
		reason, sizeof reason, &exit_code);
	if (!campaign->journal)
		campaign_end(campaign, exit_code, reason);
	else if (reason[0])
		campaign_warn(campaign, reason);
	return campaign->journal ? 0 : -1;
}

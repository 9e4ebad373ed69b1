/*
 * Does the command run a second time? Its files stay as it left them, and who finds its own output may refuse to go on.
 * That is no matter of interleavings, and would be taken for one.
 */
#include <stdio.h>

#include "campaign_private.h"
#include "written.h"

static bool leaves_files(const struct campaign *campaign)
{
	struct written_file file;
	uint32_t at = 0;

	return written_next(execution_control(campaign->execution), &at, &file);
}

static bool succeeds(struct campaign *campaign, struct trial *trial)
{
	char reason[512];

	if (trial->findings.n == 0 || !finding_is_own_failure(trial->findings.items[0]))
		return true;
	snprintf(reason, sizeof reason, "%s, when it was run once more (it leaves files behind; where these are the reason, "
		"explore a script that removes them first)", trial->findings.items[0]->message);
	campaign->result->output = trial->output;
	trial->output = NULL;
	campaign_end(campaign, EXIT_COMMAND_FAILS, reason);
	return false;
}

static bool run(struct campaign *campaign)
{
	struct trial trial;
	bool fine = false;

	campaign_first_plan(campaign);
	trial_run(campaign, &trial);
	trial.reference = true;
	if (!trial.failed) {
		campaign->result->reference_executions++;
		if (trial_judge(campaign, &trial) < 0)
			campaign_fail(campaign, "race: out of memory");
		else
			fine = succeeds(campaign, &trial);
	}
	trial_close(&trial);
	return fine;
}

bool campaign_runs_again(struct campaign *campaign)
{
	struct plan_draft saved = campaign->draft;
	bool fine = true;

	if (!leaves_files(campaign))
		return true;
	campaign->draft = (struct plan_draft){0};
	fine = run(campaign);
	plan_draft_free(&campaign->draft);
	campaign->draft = saved;
	return fine;
}

#include "recheck.h"

enum { EVERY = 1000, FAILED = 10 };

void recheck_begin(struct recheck *recheck, const struct control *control)
{
	recheck->nrestored = control->nrestored;
}

bool recheck_was_restored(const struct recheck *recheck, const struct control *control)
{
	return control->nrestored != recheck->nrestored;
}

bool recheck_is_due(struct recheck *recheck, const struct result *result)
{
	bool failed = result->outcome != OUTCOME_EXITED || result->status != 0;

	if (failed && recheck->nfailed < FAILED) {
		recheck->nfailed++;
		return true;
	}
	return ++recheck->seen % EVERY == 0;
}

bool recheck_compare(struct control *control, const struct result *restored, const struct result *fresh)
{
	if (restored->hash == fresh->hash && restored->outcome == fresh->outcome && restored->status == fresh->status)
		return true;
	control->settings.reuse = REUSE_FORK;
	control->snapshot_loss = SNAPSHOT_LOSS_DIFFERS;
	control->nlosses++;
	return false;
}

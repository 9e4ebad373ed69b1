#include "reuse.h"

#include "control.h"
#include "forkserver.h"
#include "snapshot.h"

static const struct reuse_way *const ways[] = {
	[REUSE_FORK] = &reuse_fork,
	[REUSE_EXEC] = &reuse_exec,
	[REUSE_RESTORE] = &reuse_restore,
};

const struct reuse_way *reuse_current(void)
{
	static const struct reuse_way *current;
	uint32_t way = control->settings.reuse;

	if (!current)
		current = ways[way < sizeof ways / sizeof *ways ? way : REUSE_EXEC];
	return current;
}

static void offer_nothing(const void *attributes)
{
	(void)attributes;
}

static void leave_as_always(int status)
{
	(void)status;
}

const struct reuse_way reuse_exec = {forkserver_once, offer_nothing, leave_as_always};
const struct reuse_way reuse_fork = {forkserver_serve, offer_nothing, leave_as_always};
const struct reuse_way reuse_restore = {forkserver_serve, snapshot_offer, snapshot_leave};

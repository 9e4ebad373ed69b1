/* Ways to end a process, and failed assertions. */
#include "interpose.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "real.h"
#include "record.h"
#include "start.h"

static int exit_status;

int start_exit_status(void)
{
	return (exit_status & 0xff) << 8;
}

void start_note_exit(int status)
{
	exit_status = status;
}

/* What is still in stdio's buffers belongs to before the end; libc would write it after the last handler. */
void start_flush(void)
{
	real.flush(NULL);
}

INTERPOSE_NORETURN(exit, (int status), (status))
{
	exit_status = status;
	self.inside = 0;
	genuine_exit(status);
}

void start_exit_again(int status)
{
	genuine_exit(status);
}

static void end_now(int status)
{
	exit_status = status;
	point_exit_process(start_exit_status());
}

INTERPOSE_NORETURN(_exit, (int status), (status), genuine__exit(observe_finish(status)))
{
	end_now(status);
	genuine__exit(status);
}

void start_exit_at_once(int status)
{
	end_now(status);
	genuine__exit(status);
}

INTERPOSE_NORETURN(_Exit, (int status), (status), genuine__Exit(observe_finish(status)))
{
	end_now(status);
	genuine__Exit(status);
}

/* Its handlers (at_quick_exit) are run by libc, ours last: then libc ends the process by itself. */
INTERPOSE_NORETURN(quick_exit, (int status), (status))
{
	exit_status = status;
	self.inside = 0;
	genuine_quick_exit(status);
}

INTERPOSE_NORETURN(__assert_fail, (const char *assertion, const char *file, unsigned int line, const char *function),
	(assertion, file, line, function))
{
	record_fail(FAIL_ASSERT, assertion ? assertion : "", file ? file : "", line, function ? function : "", self.site);
	self.inside = 0;
	genuine___assert_fail(assertion, file, line, function);
}

INTERPOSE_NORETURN(abort, (void), ())
{
	record_fail(FAIL_ABORT, "abort", "", 0, "", self.site);
	self.inside = 0;
	genuine_abort();
}

/*
 * Users and groups of a process. To the kernel they are each thread's, and the C library asks all threads to set them:
 * it would wait for ever for those whose stacks have become fibers. The one kernel thread of fibers has those of all
 * tasks; who sets those of one thread needs threads of the kernel.
 */
#include "credentials.h"

#include <grp.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "call.h"
#include "carrier.h"

enum { MOST_GROUPS = 1024 };

/* A call from outside our library is one that snapshots see. */
static long (*genuine_syscall)(long, ...);
INTERPOSE_TABLE(syscall, LIBC, NULL);

static int (*genuine_getgrouplist)(const char *, gid_t, gid_t *, int *);
INTERPOSE_TABLE(getgrouplist, LIBC, NULL);

static bool is_shared(void)
{
	return !carrier_current()->parallel;
}

static int set(long number, long first, long second, long third)
{
	call_user_begin();
	long result = genuine_syscall(number, first, second, third);
	call_user_end();
	return (int)result;
}

/* Where the C library is asked, all threads take part. */
#define SET(name, arguments, ...) (is_shared() ? set(__VA_ARGS__) : (int)call_slept(genuine_##name arguments))

INTERPOSE(int, setuid, (uid_t user), (user))
{
	return SET(setuid, (user), SYS_setuid, user, 0, 0);
}

INTERPOSE(int, setgid, (gid_t group), (group))
{
	return SET(setgid, (group), SYS_setgid, group, 0, 0);
}

INTERPOSE(int, seteuid, (uid_t user), (user))
{
	if (user == (uid_t)-1)
		return call_error(EINVAL);
	return SET(seteuid, (user), SYS_setresuid, -1, user, -1);
}

INTERPOSE(int, setegid, (gid_t group), (group))
{
	if (group == (gid_t)-1)
		return call_error(EINVAL);
	return SET(setegid, (group), SYS_setresgid, -1, group, -1);
}

INTERPOSE(int, setreuid, (uid_t user, uid_t effective), (user, effective))
{
	return SET(setreuid, (user, effective), SYS_setreuid, user, effective, 0);
}

INTERPOSE(int, setregid, (gid_t group, gid_t effective), (group, effective))
{
	return SET(setregid, (group, effective), SYS_setregid, group, effective, 0);
}

INTERPOSE(int, setresuid, (uid_t user, uid_t effective, uid_t saved), (user, effective, saved))
{
	return SET(setresuid, (user, effective, saved), SYS_setresuid, user, effective, saved);
}

INTERPOSE(int, setresgid, (gid_t group, gid_t effective, gid_t saved), (group, effective, saved))
{
	return SET(setresgid, (group, effective, saved), SYS_setresgid, group, effective, saved);
}

INTERPOSE(int, setgroups, (size_t n, const gid_t *groups), (n, groups))
{
	return SET(setgroups, (n, groups), SYS_setgroups, (long)n, (long)groups, 0);
}

INTERPOSE(int, initgroups, (const char *user, gid_t group), (user, group))
{
	static gid_t groups[MOST_GROUPS];
	int n = MOST_GROUPS;

	if (!is_shared())
		return (int)call_slept(genuine_initgroups(user, group));
	call_user_begin();
	int found = genuine_getgrouplist(user, group, groups, &n);
	call_user_end();
	if (found < 0)
		carrier_require_parallel(CARRIER_LOSS_CREDENTIALS);
	return set(SYS_setgroups, n, (long)groups, 0);
}

INTERPOSE(int, setfsuid, (uid_t user), (user))
{
	carrier_require_parallel(CARRIER_LOSS_CREDENTIALS);
	return genuine_setfsuid(user);
}

INTERPOSE(int, setfsgid, (gid_t group), (group))
{
	carrier_require_parallel(CARRIER_LOSS_CREDENTIALS);
	return genuine_setfsgid(group);
}

void credentials_begin(void)
{
	carrier_require_parallel(CARRIER_LOSS_CREDENTIALS);
}

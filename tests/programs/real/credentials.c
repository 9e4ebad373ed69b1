/* A thread sets users and groups of its process, or with an argument its own. What it says is what it says natively; that
 * needs no rights: it sets what is so already, and what nobody may be.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SAY(call) do { errno = 0; int result = (call); printf("%s %d %d\n", #call, result, errno); } while (0)

static void *set_all(void *argument)
{
	uid_t user = getuid(), effective = geteuid(), nobody = (uid_t)-1;
	gid_t group = getgid(), effective_group = getegid();

	SAY(setuid(user));
	SAY(setgid(group));
	SAY(seteuid(effective));
	SAY(setegid(effective_group));
	SAY(seteuid(nobody));
	SAY(setegid(nobody));
	SAY(setuid(nobody));
	SAY(setreuid(user, effective));
	SAY(setregid(group, effective_group));
	SAY(setresuid(nobody, nobody, nobody));
	SAY(setresgid(nobody, nobody, nobody));
	SAY(setgroups(100000, &group));
	SAY(geteuid() == effective);
	return argument;
}

static void *set_own(void *argument)
{
	SAY(setfsuid(geteuid()) == (int)geteuid());
	SAY((int)syscall(SYS_setresuid, -1, -1, -1));
	return argument;
}

int main(int count, char **arguments)
{
	pthread_t thread;

	(void)arguments;
	pthread_create(&thread, NULL, count > 1 ? set_own : set_all, NULL);
	pthread_join(thread, NULL);
	if (geteuid() == 0 && count == 1)
		SAY(initgroups("root", 0));
	return 0;
}

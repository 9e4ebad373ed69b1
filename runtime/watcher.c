#include "watcher.h"

#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <string.h>

#include "observe.h"
#include "shared/decimal.h"
#include "sys.h"

enum { PATH_BYTES = 1024, BLOCK = 3, STDERR = 2, ANY_CHILD = 0x40000000 /* __WALL */ };

static char command[PATH_BYTES];
static int watcher; /* process */

/* The file of the library that this function is in. */
static int find_own(struct dl_phdr_info *info, size_t size, void *path)
{
	uint64_t here = (uint64_t)(uintptr_t)&find_own;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		uint64_t begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
		if (info->dlpi_phdr[i].p_type == PT_LOAD && here >= begin && here < begin + info->dlpi_phdr[i].p_memsz) {
			*(const char **)path = info->dlpi_name;
			return 1;
		}
	}
	return 0;
}

/* Puts the folder of the library, an absolute path with its last slash, into `command`; its length, 0: unknown. */
static size_t put_folder(void)
{
	const char *path = "", *slash;
	size_t length = 0;

	dl_iterate_phdr(find_own, &path);
	slash = strrchr(path, '/');
	if (!slash || strlen(path) + 32 > PATH_BYTES)
		return 0;
	if (*path != '/') {
		long nbytes = sys_call3(SYS_getcwd, (long)command, PATH_BYTES - 32 - (long)strlen(path), 0);
		if (nbytes <= 1)
			return 0;
		length = (size_t)nbytes;
		command[length - 1] = '/';
	}
	memcpy(command + length, path, (size_t)(slash - path) + 1);
	return length + (size_t)(slash - path) + 1;
}

bool watcher_locate(void)
{
	static const char *const places[] = {"race", "../bin/race", "../../bin/race"};
	size_t length = put_folder();

	for (size_t i = 0; length && i < sizeof places / sizeof *places; i++) {
		strcpy(command + length, places[i]);
		if (sys_call3(SYS_access, (long)command, 1, 0) == 0)
			return true;
	}
	return false;
}

/* What the race needs of the environment: where it finds things, and how it writes. Nothing that preloads. */
static void pick_environment(const char **out, size_t n)
{
	static const char *const names[] = {"PATH=", "HOME=", "LANG=", "LC_", "TERM=", "NO_COLOR=", "TMPDIR=",
		"DEBUGINFOD_", "COLUMNS=", NULL};
	size_t kept = 0;

	for (char **entry = environ; entry && *entry && kept + 1 < n; entry++)
		for (size_t i = 0; names[i]; i++)
			if (strncmp(*entry, names[i], strlen(names[i])) == 0) {
				out[kept++] = *entry;
				break;
			}
	out[kept] = NULL;
}

/* In the new process, a copy of the calling thread alone: only system calls from here on. */
static void become(int block, const char *options, const char *pid)
{
	const char *arguments[] = {command, "watch", pid, options, NULL}, *environment[32];
	long nothing = sys_call(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDWR, 0, 0, 0);

	pick_environment(environment, sizeof environment / sizeof *environment);
	sys_call3(SYS_setsid, 0, 0, 0);
	sys_call3(SYS_dup2, nothing, 0, 0);
	sys_call3(SYS_dup2, nothing, 1, 0);
	if (sys_call3(SYS_fcntl, STDERR, F_GETFD, 0) < 0)
		sys_call3(SYS_dup2, nothing, STDERR, 0);
	if (block != BLOCK)
		sys_call3(SYS_dup2, block, BLOCK, 0);
	else
		sys_call3(SYS_fcntl, block, F_SETFD, 0);
	sys_call3(SYS_close_range, BLOCK + 1, ~0u, 0);
	sys_call3(SYS_execve, (long)command, (long)arguments, (long)environment);
	sys_exit_group(127);
}

/* All signals wait meanwhile: their handlers must not run in the new process, which inherits that state. */
bool watcher_start(int block, const char *options)
{
	uint64_t all = ~0ULL, before = 0;
	char pid[16];

	*decimal_write(pid, (uint32_t)sys_getpid()) = '\0';
	sys_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&before, sizeof all, 0, 0);
	long child = sys_call(SYS_clone, 0, 0, 0, 0, 0, 0); /* no signal at its end */
	if (child == 0)
		become(block, options, pid);
	sys_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&before, 0, sizeof before, 0, 0);
	watcher = child > 0 ? (int)child : 0;
	return child > 0;
}

int watcher_finish(void)
{
	int status = 0;
	long result;

	if (sys_call3(SYS_kill, watcher, SIGUSR1, 0) < 0)
		return 0;
	do
		result = sys_call(SYS_wait4, watcher, (long)&status, ANY_CHILD, 0, 0, 0);
	while (result == -4 /* EINTR */);
	return result == watcher && (status & 0x7f) == 0 ? status >> 8 & 0xff : 0;
}

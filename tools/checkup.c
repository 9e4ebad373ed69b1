#include "checkup.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>
#include <dlfcn.h>

#include "debugging.h"
#include "library.h"
#include "shared/control.h"

void checkup_add(struct checkup *checkup, enum check_state state, const char *name, const char *format, ...)
{
	va_list arguments;

	checkup->items = pool_grow(checkup->pool, checkup->items, checkup->nitems, sizeof(*checkup->items));
	va_start(arguments, format);
	checkup->items[checkup->nitems++] = (struct checkup_item){state, name,
		pool_vprint(checkup->pool, format, arguments)};
	va_end(arguments);
}

bool checkup_is_fit(const struct checkup *checkup)
{
	uint32_t index;

	for (index = 0; index < checkup->nitems; index++)
		if (checkup->items[index].state == CHECK_BAD)
			return false;
	return true;
}

static void check_library(struct checkup *checkup)
{
	const char *path = library_look(checkup->pool), *named = getenv("RACE_LIBRARY");

	if (path)
		checkup_add(checkup, CHECK_GOOD, "librace.so", "%s", path);
	else if (named && *named)
		checkup_add(checkup, CHECK_BAD, "librace.so", "RACE_LIBRARY names %s, which can't be read", named);
	else
		checkup_add(checkup, CHECK_BAD, "librace.so", "not found beside race or in ../lib; set RACE_LIBRARY");
}

/* Tried in a child, so that our own address space stays as it is. */
static void check_randomisation(struct checkup *checkup)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(personality(ADDR_NO_RANDOMIZE | (unsigned long)personality(0xffffffff)) < 0);
	if (child > 0 && waitpid(child, &status, 0) == child && status == 0)
		checkup_add(checkup, CHECK_GOOD, "address layout", "randomisation can be turned off");
	else
		checkup_add(checkup, CHECK_NOTE, "address layout", "randomisation stays on (personality is denied); "
			"nothing depends on it");
}

static void check_memory(struct checkup *checkup)
{
	int fd = memfd_create("race-doctor", MFD_CLOEXEC);
	uint64_t nbytes = control_size();
	void *block = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, (off_t)nbytes) == 0)
		block = mmap(NULL, nbytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (block != MAP_FAILED)
		checkup_add(checkup, CHECK_GOOD, "shared memory", "a control block of %llu MB can be made (only what is "
			"used of it costs memory)", (unsigned long long)(nbytes >> 20));
	else
		checkup_add(checkup, CHECK_BAD, "shared memory", "no control block can be made: %s", strerror(errno));
	if (block != MAP_FAILED)
		munmap(block, nbytes);
	if (fd >= 0)
		close(fd);
}

static void check_processes(struct checkup *checkup)
{
	cpu_set_t set;
	int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 0;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == 0)
		checkup_add(checkup, CHECK_GOOD, "subreaper", "orphans of the target come to race");
	else
		checkup_add(checkup, CHECK_NOTE, "subreaper", "denied (%s): orphans of the target may be left over",
			strerror(errno));
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	if (count)
		checkup_add(checkup, CHECK_GOOD, "processors", "%d; one is used by the controlled program", count);
	else
		checkup_add(checkup, CHECK_NOTE, "processors", "can't be counted (%s); tasks are not pinned",
			strerror(errno));
}

static void check_room(struct checkup *checkup)
{
	const char *named = getenv("TMPDIR");
	const char *const folders[] = {named && *named ? named : NULL, "/dev/shm", "/tmp"};
	struct statvfs filesystem;
	uint64_t megabytes;
	size_t index;

	for (index = 0; index < sizeof(folders) / sizeof(folders[0]); index++) {
		if (!folders[index] || access(folders[index], W_OK | X_OK) || statvfs(folders[index], &filesystem))
			continue;
		megabytes = (uint64_t)filesystem.f_bavail * filesystem.f_frsize >> 20;
		checkup_add(checkup, megabytes < 16 ? CHECK_NOTE : CHECK_GOOD, "room for copies",
			"%llu MB in %s, where private copies of databases are put", (unsigned long long)megabytes,
			folders[index]);
		return;
	}
	checkup_add(checkup, CHECK_BAD, "room for copies", "neither $TMPDIR nor /dev/shm nor /tmp can be written");
}

static void check_seccomp(struct checkup *checkup)
{
	int mode = prctl(PR_GET_SECCOMP);

	checkup_add(checkup, CHECK_GOOD, "seccomp", mode == 2 ? "a filter is on, as in containers; race needs nothing "
		"that the usual ones deny" : "no filter");
	checkup_add(checkup, CHECK_GOOD, "privileges", "none needed: no ptrace, no perf counters, no root");
}

static void check_libraries(struct checkup *checkup)
{
	static const char *const unwinders[] = {"libunwind.so.8", "libunwind.so"};
	void *library = NULL;
	size_t index;

	for (index = 0; index < 2 && !library; index++)
		library = dlopen(unwinders[index], RTLD_LAZY | RTLD_LOCAL);
	if (library)
		checkup_add(checkup, CHECK_GOOD, "stacks", "libunwind is here");
	else
		checkup_add(checkup, CHECK_NOTE, "stacks", "no libunwind: reports show return addresses and frame "
			"pointers only (apt install libunwind8)");
	if (library)
		dlclose(library);
	library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL);
	checkup_add(checkup, CHECK_GOOD, "C++ names", library ? "are shown as written" :
		"stay mangled (no libstdc++.so.6)");
	if (library)
		dlclose(library);
}

static void check_debugger(struct checkup *checkup)
{
	const char *gdb = debugging_gdb(checkup->pool);

	if (!gdb)
		checkup_add(checkup, CHECK_NOTE, "debugger", "no gdb in PATH: race replay --gdb can't be used (apt install gdb)");
	else if (!library_script(checkup->pool))
		checkup_add(checkup, CHECK_NOTE, "debugger", "%s, but race.py, its commands, is neither beside race nor in "
			"../share/race from there", gdb);
	else
		checkup_add(checkup, CHECK_GOOD, "debugger", "%s, for race replay --gdb", gdb);
}

void checkup_machine(struct checkup *checkup)
{
	check_library(checkup);
	check_memory(checkup);
	check_randomisation(checkup);
	check_processes(checkup);
	check_room(checkup);
	check_seccomp(checkup);
	check_libraries(checkup);
	check_debugger(checkup);
}

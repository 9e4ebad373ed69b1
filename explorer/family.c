#include "family.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_KEPT = 32, LIST_BYTES = 16384, LINE_BYTES = 4096, MOST_ROUNDS = 2000, PAUSE_US = 500 };

/* All executions of this race share its children; pid 0: a free place. */
static struct {
	pid_t pid;
	bool ended;
	int status;
} kept[MOST_KEPT];

static int place_of(pid_t pid)
{
	for (int i = 0; i < MOST_KEPT; i++)
		if (kept[i].pid == pid)
			return i;
	return -1;
}

static void on_child(int number)
{
	(void)number; /* only interrupts the wait */
}

void family_open(void)
{
	struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_NOCLDSTOP};

	sigaction(SIGCHLD, &action, NULL);
	signal(SIGXFSZ, SIG_IGN); /* writing says so as well */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void family_keep(pid_t pid)
{
	int place = place_of(0);

	if (place >= 0) {
		kept[place].pid = pid;
		kept[place].ended = false;
	}
}

void family_forget(pid_t pid)
{
	int place = place_of(pid);

	if (pid > 0 && place >= 0)
		kept[place].pid = 0;
}

void family_reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		int place = place_of(pid);
		if (place < 0)
			continue;
		kept[place].ended = true;
		kept[place].status = status;
	}
}

bool family_ended(pid_t pid, int *status)
{
	family_reap();
	int place = place_of(pid);
	if (pid <= 0 || place < 0 || !kept[place].ended)
		return false;
	*status = kept[place].status;
	return true;
}

void family_end(pid_t pid)
{
	int status;

	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	for (int round = 0; round < MOST_ROUNDS && place_of(pid) >= 0 && !family_ended(pid, &status); round++)
		usleep(PAUSE_US);
	family_forget(pid);
}

/* Stands behind the name, which may hold anything. 0: the process is gone. */
static pid_t parent_of(pid_t pid)
{
	char path[64], text[512];
	int parent = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t length = read(fd, text, sizeof text - 1);
	close(fd);
	text[length > 0 ? length : 0] = '\0';
	const char *end = strrchr(text, ')');
	return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

/* Calls `visit` for every process of the system. */
static void each_process(void (*visit)(void *state, pid_t pid), void *state)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;

	while (folder && (entry = readdir(folder)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid > 1 && pid != getpid())
			visit(state, pid);
	}
	if (folder)
		closedir(folder);
}

struct strays {
	void (*met)(void *state, pid_t pid);
	void *state;
	uint32_t nkilled;
};

static void kill_stray(struct strays *strays, pid_t pid)
{
	if (place_of(pid) >= 0)
		return;
	if (strays->met)
		strays->met(strays->state, pid);
	strays->nkilled += kill(pid, SIGKILL) == 0;
}

static void visit_child(void *state, pid_t pid)
{
	if (parent_of(pid) == getpid())
		kill_stray(state, pid);
}

/* The kernel's own list, where it keeps one; otherwise all processes are asked for their parent. */
static void kill_children(struct strays *strays)
{
	static int fd = -1; /* kept: it is read after every execution */
	static pid_t owner;
	char path[64], list[LIST_BYTES];

	if (owner != getpid()) {
		owner = getpid();
		snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)owner);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0) {
		each_process(visit_child, strays);
		return;
	}
	ssize_t length = pread(fd, list, sizeof list - 1, 0);
	list[length > 0 ? length : 0] = '\0';
	char *at = list, *end;
	for (pid_t pid; (pid = (pid_t)strtol(at, &end, 10)) > 0 && end != at && *end; at = end)
		kill_stray(strays, pid);
}

void family_kill_strays(void (*met)(void *state, pid_t pid), void *state)
{
	struct strays strays = {.met = met, .state = state};

	for (int round = 0; round < MOST_ROUNDS; round++) {
		family_reap();
		strays.nkilled = 0;
		kill_children(&strays);
		if (strays.nkilled == 0)
			return;
		usleep(PAUSE_US);
	}
}

struct users {
	struct stat file;
	int number;
	uint32_t nkilled;
};

static bool has_open(const struct users *users, pid_t pid)
{
	char path[64];
	struct stat status;

	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, users->number);
	return stat(path, &status) == 0 && status.st_dev == users->file.st_dev && status.st_ino == users->file.st_ino;
}

static bool has_mapped(const struct users *users, pid_t pid)
{
	char path[64], line[LINE_BYTES];
	bool found = false;

	snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
	FILE *file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof line, file)) {
		unsigned int major_number, minor_number;
		unsigned long inode;
		found = sscanf(line, "%*s %*s %*s %x:%x %lu", &major_number, &minor_number, &inode) == 3 &&
			inode == users->file.st_ino && makedev(major_number, minor_number) == users->file.st_dev;
	}
	if (file)
		fclose(file);
	return found;
}

static void visit_user(void *state, pid_t pid)
{
	struct users *users = state;

	if (has_open(users, pid) || has_mapped(users, pid))
		users->nkilled += kill(pid, SIGKILL) == 0;
}

uint32_t family_kill_users(int fd, int number)
{
	struct users users = {.number = number};

	if (fstat(fd, &users.file) == 0)
		each_process(visit_user, &users);
	return users.nkilled;
}

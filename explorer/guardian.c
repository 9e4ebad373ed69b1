#include "guardian.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "family.h"

enum { ROUNDS = 20, PAUSE_US = 10000 };

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

void guardian_remove(const char *folder)
{
	nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void kill_one(int pid)
{
	if (pid > 1 && pid != getpid())
		kill(pid, SIGKILL);
}

void guardian_kill(struct control *control, int server)
{
	const struct world *world = &control->world;
	uint32_t nprocesses = world->nprocesses < LIMIT_PROCESSES ? world->nprocesses : LIMIT_PROCESSES - 1;

	if (server)
		kill_one((int)control->server_pid);
	for (uint32_t i = 1; i <= nprocesses; i++)
		if (world->processes[i].state == PROCESS_LIVE)
			kill_one(world->processes[i].pid);
	if (!control->main_ended)
		kill_one(control->main_pid);
}

/* Keeps two descriptors only: somebody may wait for the end of our output. */
static void close_others(int first, int second)
{
	int low = first < second ? first : second, high = first < second ? second : first;

	for (int fd = 0; fd < high; fd++)
		if (fd != low)
			close(fd);
	close_range((unsigned int)high + 1, ~0u, 0);
}

/* What is being forked meanwhile is met in a later round; two rounds without anybody are the end. */
static void kill_all(const struct block *block)
{
	guardian_kill(block->control, 1);
	for (int round = 0, idle = 0; round < ROUNDS && idle < 2; round++) {
		idle = family_kill_users(block->fd, block->control->settings.control_fd) ? 0 : idle + 1;
		usleep(PAUSE_US);
	}
}

static void stand_by(const struct block *block, const char *folder, int lifeline)
{
	char byte;

	prctl(PR_SET_NAME, "race-guardian");
	setsid();
	for (int number = 1; number < 32; number++)
		signal(number, SIG_IGN);
	close_others(lifeline, block->fd);
	if (read(lifeline, &byte, 1) == 1)
		_exit(0); /* dismissed */
	kill_all(block);
	guardian_remove(folder);
	_exit(0);
}

int guardian_open(struct guardian *guardian, const struct block *block, const char *folder)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	guardian->pid = fork();
	if (guardian->pid == 0) {
		close(ends[1]);
		stand_by(block, folder, ends[0]);
	}
	close(ends[0]);
	guardian->lifeline = ends[1];
	if (guardian->pid < 0) {
		close(ends[1]);
		return -1;
	}
	family_keep(guardian->pid);
	return 0;
}

void guardian_close(struct guardian *guardian)
{
	if (guardian->pid <= 0)
		return;
	if (send(guardian->lifeline, "", 1, MSG_NOSIGNAL) < 0)
		kill(guardian->pid, SIGKILL);
	close(guardian->lifeline);
	waitpid(guardian->pid, NULL, 0);
	family_forget(guardian->pid);
	guardian->pid = 0;
}

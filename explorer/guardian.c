#include "guardian.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* Keeps no descriptor but the lifeline: somebody may wait for the end of our output. */
static void close_others(int lifeline)
{
	for (int fd = 0; fd < lifeline; fd++)
		close(fd);
	close_range((unsigned int)lifeline + 1, ~0u, 0);
}

static void stand_by(struct control *control, const char *folder, int lifeline)
{
	char byte;

	prctl(PR_SET_NAME, "race-guardian");
	setsid();
	for (int number = 1; number < 32; number++)
		signal(number, SIG_IGN);
	close_others(lifeline);
	if (read(lifeline, &byte, 1) == 1)
		_exit(0); /* dismissed */
	guardian_kill(control, 1);
	usleep(20000);
	guardian_kill(control, 1); /* what was being forked meanwhile */
	if (folder)
		guardian_remove(folder);
	_exit(0);
}

int guardian_open(struct guardian *guardian, struct control *control, const char *folder)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	guardian->pid = fork();
	if (guardian->pid == 0) {
		close(ends[1]);
		stand_by(control, folder, ends[0]);
	}
	close(ends[0]);
	guardian->lifeline = ends[1];
	if (guardian->pid < 0) {
		close(ends[1]);
		return -1;
	}
	return 0;
}

void guardian_close(struct guardian *guardian)
{
	if (guardian->pid <= 0)
		return;
	if (write(guardian->lifeline, "", 1) < 0)
		kill(guardian->pid, SIGKILL);
	close(guardian->lifeline);
	waitpid(guardian->pid, NULL, 0);
	guardian->pid = 0;
}

/* Spawns a program N times, one after another, and prints how many a second: spawn N PROGRAM [ARGUMENT]... */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int count, char **arguments)
{
	int n = count > 2 ? atoi(arguments[1]) : 0;
	double start = now();

	for (int i = 0; i < n; i++) {
		pid_t child;
		if (posix_spawn(&child, arguments[2], NULL, NULL, arguments + 2, environ) != 0)
			return 1;
		waitpid(child, NULL, 0);
	}
	printf("%.0f\n", n / (now() - start));
	return 0;
}

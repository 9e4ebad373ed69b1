/* Executions that end in unusual ways, one per word on the command line: endings WORD. Used by tests/endings.sh.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/control.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int rounds = 1;

static void *work(void *unused)
{
	for (int i = 0; i < rounds; i++) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
	}
	return unused;
}

static void two_threads(void)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

/* Goes by a file that each execution changes. */
static void stray(const char *path)
{
	FILE *file = fopen(path, "r+");
	int count = 0;

	if (!file || fscanf(file, "%d", &count) != 1)
		exit(9);
	rewind(file);
	fprintf(file, "%d", count + 1);
	fclose(file);
	rounds = 1 + count % 3;
	two_threads();
}

/* More threads than race has room for. */
static void crowd(void)
{
	pthread_t thread;

	for (int i = 0; i < LIMIT_TASKS + 100; i++)
		if (pthread_create(&thread, NULL, work, NULL) == 0)
			pthread_join(thread, NULL);
}

/* Never comes to a scheduling point again. */
static void spin(void)
{
	two_threads();
	for (volatile unsigned long i = 0;; i++)
		;
}

/* What the runtime does when an invariant of its own does not hold. */
static void give_up(void)
{
	struct control *control = (struct control *)CONTROL_ADDRESS;

	two_threads();
	if (control->magic != CONTROL_MAGIC)
		exit(9);
	strcpy(control->log + control->log_used, "die: left == right 0\n");
	control->log_used += (uint32_t)strlen("die: left == right 0\n");
	control->world.outcome = OUTCOME_BROKEN;
	_exit(EXIT_INTERNAL);
}

/* Blocks itself, whatever the others do. */
static void block(void)
{
	pthread_mutex_lock(&mutex);
	pthread_mutex_lock(&mutex);
}

int main(int count, char **arguments)
{
	const char *word = count > 1 ? arguments[1] : "";

	if (strcmp(word, "stray") == 0 && count > 2)
		stray(arguments[2]);
	else if (strcmp(word, "crowd") == 0)
		crowd();
	else if (strcmp(word, "spin") == 0)
		spin();
	else if (strcmp(word, "give-up") == 0)
		give_up();
	else if (strcmp(word, "block") == 0)
		block();
	else
		two_threads();
	return 0;
}

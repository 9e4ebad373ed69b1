/*
 * Writes files in every way there is: two threads append to a log each, one works on an SQLite database, a child and a
 * program that it executes write theirs, temporary files come and go, devices and pipes are written to. With a number
 * as its argument it makes that many files instead.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void append(const char *path, const char *text)
{
	FILE *file = fopen(path, "a");

	fputs(text, file);
	fclose(file);
}

static void make_temporary(void)
{
	char name[] = "temporary-XXXXXX";
	int fd = mkstemp(name);

	if (write(fd, "x", 1) == 1)
		unlink(name);
	close(fd);
}

static void use_database(void)
{
	sqlite3 *database;

	sqlite3_open("shop.db", &database);
	sqlite3_exec(database, "CREATE TABLE IF NOT EXISTS orders (id); INSERT INTO orders VALUES (1)", NULL, NULL, NULL);
	sqlite3_close(database);
}

static void *work(void *argument)
{
	int number = *(int *)argument;

	append(number ? "results/second" : "results/first", "line\n");
	append("/dev/null", "line\n");
	if (number) {
		use_database();
		make_temporary();
		mkdir("made", 0700);
		truncate("shortened", 1);
	} else {
		append("new", "whole\n");
		rename("new", "results/replaced");
		unlink("removed");
	}
	return NULL;
}

static void write_in_child(void)
{
	int folder = open("results", O_RDONLY | O_DIRECTORY);

	if (fork() == 0) {
		close(openat(folder, "child", O_WRONLY | O_CREAT, 0600));
		execlp("sh", "sh", "-c", "echo x > results/executed; echo y > pipe & cat pipe > /dev/null; wait; : < kept",
			(char *)NULL);
		_exit(127);
	}
	wait(NULL);
	close(folder);
}

static int make_many(int n)
{
	char name[32];

	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof name, "many-%d", i);
		append(name, "x");
	}
	return 0;
}

int main(int count, char **arguments)
{
	int numbers[] = {0, 1};
	pthread_t threads[2];

	if (count > 1 && strcmp(arguments[1], "child") != 0)
		return make_many(atoi(arguments[1]));
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, &numbers[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	if (count > 1)
		write_in_child();
	return 0;
}

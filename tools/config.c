#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "command_line.h"

struct reading {
	struct invocation *invocation;
	const char *path;
	bool failed;
};

static bool is_known(const char *name, const struct command *const *commands)
{
	const struct option_row *row;

	for (; *commands; commands++)
		for (row = (*commands)->options; row->type != OPTION_END; row++)
			if (row->name && strcmp(row->name, name) == 0)
				return true;
	return false;
}

/* inih's handler: 1 goes on, 0 is an error at this line. */
static int take(void *user, const char *section, const char *name, const char *value)
{
	struct reading *reading = user;
	struct invocation *invocation = reading->invocation;
	bool common = strcmp(section, "race") == 0;
	int result;

	if (!common && !command_find(section)) {
		fprintf(stderr, "race: %s: there is no section [%s]; use [race] or [COMMAND]\n", reading->path, section);
		reading->failed = true;
		return 0;
	}
	if (!common && strcmp(section, invocation->command->name) != 0)
		return 1;
	result = options_set(invocation, name, value ? value : "", reading->path);
	if (result == 1 && common && is_known(name, command_list()))
		return 1;
	if (result == 1)
		fprintf(stderr, "race: %s: there is no option '%s' for [%s]\n", reading->path, name, section);
	reading->failed = reading->failed || result != 0;
	return result == 0;
}

/* The owner of a file that names commands decides what we run. */
static bool is_trusted(const char *path)
{
	struct stat file, here;

	if (stat(path, &file))
		return false;
	if (file.st_uid == geteuid() || file.st_uid == 0)
		return true;
	return stat(".", &here) == 0 && here.st_uid == file.st_uid;
}

/* Cuts the last component of a path; false at the root. */
static bool ascend(char *folder)
{
	char *slash = strrchr(folder, '/');

	if (!slash || !folder[1])
		return false;
	slash[slash == folder] = '\0';
	return true;
}

static char *find_file(struct pool *pool)
{
	char folder[PATH_MAX];
	char *path;

	if (!getcwd(folder, sizeof(folder)))
		return NULL;
	do {
		path = pool_print(pool, "%s/race.ini", strcmp(folder, "/") == 0 ? "" : folder);
		if (access(path, F_OK) == 0)
			return path;
		if (access(pool_print(pool, "%s/.git", folder), F_OK) == 0)
			return NULL;
	} while (ascend(folder));
	return NULL;
}

static int read_file(struct invocation *invocation)
{
	struct reading reading = {.invocation = invocation, .path = find_file(invocation->pool)};
	int result;

	if (!reading.path)
		return 0;
	if (!is_trusted(reading.path)) {
		fprintf(stderr, "race: %s belongs to somebody else and is left aside\n", reading.path);
		return 0;
	}
	result = ini_parse(reading.path, take, &reading);
	if (result == 0)
		return 0;
	if (result > 0)
		fprintf(stderr, "race: %s: line %d can't be used\n", reading.path, result);
	else
		fprintf(stderr, "race: %s can't be read: %s\n", reading.path, strerror(errno));
	return -1;
}

static int read_word(struct invocation *invocation, char *word, const char *variable)
{
	char *value;
	int result;

	if (strncmp(word, "--", 2) == 0) /* as on the command line */
		word += 2;
	value = strchr(word, '=');
	if (value)
		*value++ = '\0';
	result = options_set(invocation, word, value ? value : "", variable);
	if (result == 1)
		fprintf(stderr, "race: %s: 'race %s' has no option '%s'\n", variable, invocation->command->name, word);
	return result ? -1 : 0;
}

static int read_environment(struct invocation *invocation)
{
	char *variable = pool_print(invocation->pool, "RACE_%s_OPTIONS", invocation->command->name), *character;
	const char *text;
	uint32_t nwords, index;
	char **words;

	for (character = variable; *character; character++)
		*character = (char)toupper((unsigned char)*character);
	text = getenv(variable);
	if (!text)
		return 0;
	words = command_line_split(invocation->pool, text, &nwords);
	if (!words) {
		fprintf(stderr, "race: %s: a quote is not closed\n", variable);
		return -1;
	}
	for (index = 0; index < nwords; index++)
		if (read_word(invocation, words[index], variable))
			return -1;
	return 0;
}

int config_read(struct invocation *invocation)
{
	if (read_file(invocation))
		return -1;
	return read_environment(invocation);
}

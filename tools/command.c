#include "command.h"

#include <string.h>

static const struct command *const commands[] = {
	&command_completion, &command_doctor, &command_explore, &command_gate, &command_minimize, &command_replay,
	&command_report, &command_run, NULL,
};

const struct command *const *command_list(void)
{
	return commands;
}

const struct command *command_find(const char *name)
{
	size_t index;

	for (index = 0; commands[index]; index++)
		if (strcmp(commands[index]->name, name) == 0)
			return commands[index];
	if (strcmp(command_together.name, name) == 0)
		return &command_together;
	return strcmp(command_watch.name, name) == 0 ? &command_watch : NULL;
}

const char *command_nearest(const char *name)
{
	const char *nearest = NULL;
	unsigned int least = 4, distance;
	size_t index;

	for (index = 0; commands[index]; index++) {
		distance = options_distance(commands[index]->name, name);
		if (distance < least && distance < strlen(name)) {
			least = distance;
			nearest = commands[index]->name;
		}
	}
	return nearest;
}

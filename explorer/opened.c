#include "opened.h"

#include <stdio.h>
#include <stdlib.h>

#include "shared/outcome.h"

/* It is there, or the command may make it: nobody's data is in what was not there. */
static bool find(struct opened *opened, const char *url, bool force, struct complaint *complaint)
{
	struct complaint second = {""};

	opened->adapter = adapter_find(url, complaint);
	opened->server = opened->adapter ? opened->adapter->open(url, complaint) : NULL;
	if (opened->server)
		return force || opened->adapter->is_test(opened->server, complaint);
	opened->arrival = opened->adapter ? arrival_open(opened->adapter, url, &second) : NULL;
	if (opened->arrival)
		opened->server = arrival_server(opened->arrival);
	else if (second.text[0])
		*complaint = second;
	return opened->server;
}

bool opened_open(struct opened *opened, const char *url, bool force, struct complaint *complaint, int *exit_code)
{
	*exit_code = EXIT_USAGE;
	if (!find(opened, url, force, complaint))
		return false;
	*exit_code = EXIT_INTERNAL;
	opened->name = adapter_name(url);
	opened->naddress = sizeof opened->address;
	if (!opened->name || !opened->adapter->address(opened->server, opened->address, &opened->naddress)) {
		snprintf(complaint->text, sizeof complaint->text, "the address of %.200s can't be told", url);
		return false;
	}
	return opened->arrival || opened->adapter->keep(opened->server, complaint) == 0;
}

void opened_close(struct opened *opened)
{
	if (opened->arrival)
		arrival_close(opened->arrival);
	else if (opened->server)
		opened->adapter->close(opened->server);
	image_close(opened->marked);
	free(opened->name);
}

int opened_reset(struct opened *opened, const int32_t *backends, uint32_t nbackends, struct complaint *complaint)
{
	if (opened->arrival)
		return arrival_reset(opened->arrival, backends, nbackends, complaint);
	return opened->adapter->reset(opened->server, backends, nbackends, complaint);
}

bool opened_has_later(const struct opened *opened)
{
	return !opened->arrival && opened->adapter->keep_later;
}

void opened_reorder(struct opened *opened)
{
	if (opened->arrival)
		arrival_reorder(opened->arrival);
	else if (opened->adapter->reorder)
		opened->adapter->reorder(opened->server);
}

struct image *opened_image(struct opened *opened, struct complaint *complaint)
{
	if (opened->arrival)
		return arrival_image(opened->arrival, opened->name, complaint);
	return opened->adapter->image(opened->server, opened->name, complaint);
}

int opened_mark(struct opened *opened, struct complaint *complaint)
{
	image_close(opened->marked);
	opened->marked = opened_image(opened, complaint);
	return opened->marked ? 0 : -1;
}

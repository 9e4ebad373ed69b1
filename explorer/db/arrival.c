#include "arrival.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arrival {
	const struct adapter *adapter;
	char *url;
	struct server *server;
	int64_t number;     /* what it was made as in this execution; 0: it was not */
	bool awaited;       /* it was not there when the command was about to make it */
	bool reordered;
	bool come, again;   /* the command has made it in an execution; more than once in one */
	struct image *last; /* what it held when it was dropped */
	struct complaint unread; /* why that could not be read, "": it could */
};

struct arrival *arrival_open(const struct adapter *adapter, const char *url, struct complaint *complaint)
{
	struct arrival *arrival = adapter->arrival ? calloc(1, sizeof *arrival) : NULL;

	if (!arrival)
		return NULL;
	arrival->adapter = adapter;
	arrival->url = strdup(url);
	arrival->server = arrival->url ? adapter->arrival->open(url, complaint) : NULL;
	if (arrival->server)
		return arrival;
	arrival_close(arrival);
	return NULL;
}

struct server *arrival_server(struct arrival *arrival)
{
	return arrival->server;
}

const char *arrival_account(const struct arrival *arrival)
{
	if (arrival->again)
		return "created by the command more than once in an execution; compared is what it held last";
	return arrival->come ? "created by the command in each execution, and read before it goes" :
		"not there, and the command was not seen to create it";
}

void arrival_await(struct arrival *arrival)
{
	arrival->awaited = arrival->adapter->arrival->number(arrival->server) == 0;
}

void arrival_note(struct arrival *arrival)
{
	const struct adapter_arrival *way = arrival->adapter->arrival;

	if (!arrival->awaited)
		return; /* IF NOT EXISTS: it is what it was before, the command's or not */
	int64_t number = way->number(arrival->server);
	arrival->awaited = false;
	arrival->again = arrival->again || arrival->last;
	arrival->number = number > 0 ? number : 0;
	arrival->come = arrival->come || number > 0;
	if (number > 0 && way->prepare)
		way->prepare(arrival->server);
}

static bool is_there(struct arrival *arrival)
{
	return arrival->number && arrival->adapter->arrival->number(arrival->server) == arrival->number;
}

/* Who drops it afterwards must not find us there. */
static void leave(struct arrival *arrival, struct server *reader)
{
	int32_t session = arrival->adapter->arrival->session(reader);

	arrival->adapter->close(reader);
	arrival->adapter->wait_end(arrival->server, session);
}

static struct image *read_now(struct arrival *arrival, const char *database, struct complaint *complaint)
{
	struct server *reader = arrival->adapter->open(arrival->url, complaint);
	struct image *image = reader ? arrival->adapter->image(reader, database, complaint) : NULL;

	if (reader)
		leave(arrival, reader);
	return image;
}

void arrival_leave(struct arrival *arrival, const char *database)
{
	if (!is_there(arrival))
		return;
	image_close(arrival->last);
	arrival->unread.text[0] = '\0';
	arrival->last = read_now(arrival, database, &arrival->unread);
}

struct image *arrival_image(struct arrival *arrival, const char *database, struct complaint *complaint)
{
	if (is_there(arrival))
		return read_now(arrival, database, complaint);
	if (arrival->unread.text[0]) {
		*complaint = arrival->unread;
		return NULL;
	}
	return arrival->last ? image_copy(arrival->last) : image_new(database);
}

int arrival_reorder(struct arrival *arrival)
{
	struct complaint complaint;

	if (!arrival->adapter->reorder || arrival->reordered || !is_there(arrival))
		return 0;
	struct server *reader = arrival->adapter->open(arrival->url, &complaint);
	if (!reader)
		return -1;
	arrival->reordered = true;
	int code = arrival->adapter->reorder(reader);
	leave(arrival, reader);
	return code;
}

static void forget(struct arrival *arrival)
{
	image_close(arrival->last);
	arrival->last = NULL;
	arrival->number = 0;
	arrival->reordered = arrival->awaited = false;
	arrival->unread.text[0] = '\0';
}

int arrival_reset(struct arrival *arrival, const int32_t *backends, uint32_t nbackends, struct complaint *complaint)
{
	const struct adapter_arrival *way = arrival->adapter->arrival;

	if (way->end(arrival->server, backends, nbackends) < 0) {
		snprintf(complaint->text, sizeof complaint->text, "the sessions of an execution can't be ended");
		return -1;
	}
	int64_t number = way->number(arrival->server), made = arrival->number;
	forget(arrival);
	if (number == 0)
		return 0;
	if (number > 0 && number == made)
		return way->drop(arrival->server, complaint);
	snprintf(complaint->text, sizeof complaint->text, number < 0 ? "the server does not say whether it is there" :
		"it has come into being, but the command was not seen to make it; it is left as it is");
	return -1;
}

void arrival_close(struct arrival *arrival)
{
	if (!arrival)
		return;
	if (arrival->server)
		arrival->adapter->close(arrival->server);
	image_close(arrival->last);
	free(arrival->url);
	free(arrival);
}

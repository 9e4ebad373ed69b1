#include "url.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A piece of the text, until `end`. */
struct piece {
	const char *at, *end;
};

static int digit(char c)
{
	return !isxdigit((unsigned char)c) ? -1 : isdigit((unsigned char)c) ? c - '0' : (c | 32) - 'a' + 10;
}

/* The piece with its %XX decoded; -1: too long, malformed, or a NUL in it. */
static int copy(char *to, struct piece piece)
{
	size_t n = 0;

	for (const char *at = piece.at; at < piece.end; at++) {
		char c = *at;
		if (c == '%') {
			if (piece.end - at < 3 || digit(at[1]) < 0 || digit(at[2]) < 0)
				return -1;
			c = (char)(digit(at[1]) * 16 + digit(at[2]));
			at += 2;
		}
		if (c == '\0' || n == URL_PART_BYTES - 1)
			return -1;
		to[n++] = c;
	}
	to[n] = '\0';
	return 0;
}

static const char *find(struct piece piece, char c)
{
	const char *found = piece.at < piece.end ? memchr(piece.at, c, (size_t)(piece.end - piece.at)) : NULL;

	return found ? found : piece.end;
}

static bool port_read(struct url *url, struct piece piece)
{
	char text[URL_PART_BYTES], *end;

	if (copy(text, piece) < 0)
		return false;
	long port = strtol(text, &end, 10);
	url->port = (uint16_t)port;
	return !*text || (*end == '\0' && port > 0 && port <= UINT16_MAX);
}

/* What stands between :// and the next slash. An address of IPv6 is in brackets. */
static bool place_read(struct url *url, struct piece place)
{
	const char *at = memrchr(place.at, '@', (size_t)(place.end - place.at));

	if (at) {
		struct piece user = {place.at, at};
		const char *colon = find(user, ':');
		if (copy(url->user, (struct piece){user.at, colon}) < 0 ||
			(colon < at && copy(url->password, (struct piece){colon + 1, at}) < 0))
			return false;
		place.at = at + 1;
	}
	const char *bracket = place.at < place.end && *place.at == '[' ? find(place, ']') : NULL;
	const char *end = bracket ? bracket : find(place, ':');
	if (copy(url->host, (struct piece){place.at + (bracket ? 1 : 0), end}) < 0)
		return false;
	end += bracket && bracket < place.end;
	if (end == place.end)
		return true;
	return *end == ':' && port_read(url, (struct piece){end + 1, place.end});
}

static bool parameter_read(struct url *url, struct piece parameter)
{
	const struct {
		const char *name;
		char *value;
	} known[] = {{"socket", url->socket}, {"user", url->user}, {"password", url->password}, {"host", url->host}};
	const char *equals = find(parameter, '=');
	size_t length = (size_t)(equals - parameter.at);

	if (length == 4 && strncmp(parameter.at, "port", 4) == 0)
		return equals < parameter.end && port_read(url, (struct piece){equals + 1, parameter.end});
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (length == strlen(known[i].name) && strncmp(parameter.at, known[i].name, length) == 0)
			return equals < parameter.end && copy(known[i].value, (struct piece){equals + 1, parameter.end}) == 0;
	return false;
}

bool url_read(struct url *url, const char *text, const char **wrong)
{
	const char *start = strstr(text, "://"), *end = text + strlen(text);

	*url = (struct url){.port = 0};
	*wrong = "has no ://";
	if (!start)
		return false;
	start += 3;
	struct piece place = {start, start + strcspn(start, "/?")};
	*wrong = "has a user, host or port that can't be read";
	if (!place_read(url, place))
		return false;
	struct piece database = {place.end + (*place.end == '/'), place.end + strcspn(place.end, "?")};
	*wrong = "has a database's name that can't be read";
	if (database.at < database.end && copy(url->database, database) < 0)
		return false;
	*wrong = "has a parameter other than socket, user, password, host and port, or one that can't be read";
	struct piece rest = {database.end + (*database.end == '?'), end};
	while (rest.at < rest.end) {
		struct piece parameter = {rest.at, find(rest, '&')};
		if (!parameter_read(url, parameter))
			return false;
		rest.at = parameter.end + 1;
	}
	return true;
}

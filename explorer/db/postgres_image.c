/*
 * The content of a PostgreSQL database as an image: what differs from the start state is read (postgres_look.h), or
 * where that is not enough, everything. Tables of schema public go by their bare names.
 */
#if __has_include(<postgresql/libpq-fe.h>)

#include <stdio.h>
#include <stdlib.h>

#include "postgres_look.h"

/* All tables in one round trip. */
static int rows_read(struct server *server, const struct postgres_catalogue *catalogue, struct image *image,
	struct complaint *complaint)
{
	char *text;
	size_t nbytes;
	FILE *stream = open_memstream(&text, &nbytes);

	for (uint32_t i = 0; stream && i < catalogue->ntables; i++)
		fprintf(stream, "SELECT %s FROM %s;", catalogue->tables[i].list, catalogue->tables[i].source);
	if (!stream || fclose(stream) != 0)
		return -1;
	int code = nbytes ? postgres_send(server, text, complaint) : 0;
	free(text);
	for (uint32_t i = 0; code == 0 && i < catalogue->ntables; i++) {
		PGresult *rows = postgres_next(server, complaint);
		code = rows ? postgres_rows_read(image->arena, rows, 0, catalogue->tables[i].types, &image->tables[i]) : -1;
		PQclear(rows);
	}
	return code;
}

static struct image *read_all(struct server *server, const char *database, struct complaint *complaint)
{
	if (postgres_run(server, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", complaint) < 0)
		return NULL;
	struct postgres_catalogue *catalogue = postgres_catalogue_read(server, complaint);
	struct image *image = catalogue ? postgres_catalogue_image(catalogue, database) : NULL;
	if (image)
		image = postgres_catalogue_finish(catalogue, image, rows_read(server, catalogue, image, complaint) == 0);
	postgres_catalogue_close(catalogue);
	postgres_end(server);
	return image;
}

static struct image *assemble(const struct postgres_start *start, const struct postgres_look *look, const char *database)
{
	struct image *image = postgres_catalogue_image(start->catalogue, database);
	int code = 0;

	for (uint32_t i = 0; image && code == 0 && i < image->ntables; i++) {
		const struct postgres_looked *looked = &look->tables[i];
		const struct image_table *rows = &start->tables[i].rows;
		if (!looked->touched)
			code = image_merge(image, i, rows, NULL, 0, NULL);
		else if (looked->whole)
			code = image_merge(image, i, &looked->now, NULL, 0, NULL);
		else
			code = image_merge(image, i, rows, looked->repair->replaced, looked->repair->nreplaced, &looked->now);
	}
	return image ? postgres_catalogue_finish(start->catalogue, image, code == 0) : NULL;
}

struct image *postgres_image(struct server *server, const char *database, struct complaint *complaint)
{
	struct postgres_look *look = postgres_look_open(server);

	if (!look)
		return read_all(server, database, complaint);
	postgres_look_close(server->start->last);
	server->start->last = look;
	return assemble(server->start, look, database);
}

#endif

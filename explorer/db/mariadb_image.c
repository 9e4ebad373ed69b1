/* The content of a MariaDB database as an image: by a look (mariadb_look.h), or where definitions have changed, anew. */
#if __has_include(<mariadb/mysql.h>)

#include "mariadb_look.h"

#include <stdio.h>
#include <stdlib.h>

/* All tables in one round trip. */
static int rows_read(struct server *server, const struct mariadb_catalogue *catalogue, struct image *image,
	struct complaint *complaint)
{
	char *text;
	size_t nbytes;
	FILE *stream = open_memstream(&text, &nbytes);

	for (uint32_t i = 0; stream && i < catalogue->ntables; i++)
		fprintf(stream, "%sSELECT %s FROM %s", i ? ";" : "", catalogue->tables[i].list, catalogue->tables[i].quoted);
	if (!stream || fclose(stream) != 0)
		return -1;
	int code = nbytes ? mariadb_send(server, complaint, text) : 0;
	free(text);
	for (uint32_t i = 0; code == 0 && i < catalogue->ntables; i++) {
		MYSQL_RES *rows = NULL;
		code = mariadb_next(server, complaint, &rows) == 1 && rows ?
			mariadb_rows_read(image->arena, rows, catalogue->tables[i].types, &image->tables[i]) : -1;
		mysql_free_result(rows);
	}
	return nbytes && mariadb_drain(server) < 0 ? -1 : code;
}

static struct image *read_all(struct server *server, const char *database, struct complaint *complaint)
{
	if (mariadb_run(server, complaint, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY") < 0)
		return NULL;
	struct mariadb_catalogue *catalogue = mariadb_catalogue_read(server, complaint);
	struct image *image = catalogue ? mariadb_catalogue_image(catalogue, database) : NULL;
	if (image)
		image = mariadb_catalogue_finish(catalogue, image, rows_read(server, catalogue, image, complaint) == 0);
	mariadb_catalogue_close(catalogue);
	mariadb_run(server, NULL, "ROLLBACK");
	return image;
}

struct image *mariadb_image(struct server *server, const char *database, struct complaint *complaint)
{
	struct mariadb_look *look = mariadb_look_open(server);
	int code = 0;

	if (!look)
		return read_all(server, database, complaint);
	mariadb_look_close(server->start->last);
	server->start->last = look;
	struct image *image = mariadb_catalogue_image(server->start->catalogue, database);
	for (uint32_t i = 0; image && code == 0 && i < look->ntables; i++)
		code = image_merge(image, i, &look->tables[i].now, NULL, 0, NULL);
	return image ? mariadb_catalogue_finish(server->start->catalogue, image, code == 0) : NULL;
}

#endif

#include "schedule_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command_line.h"
#include "report/rename.h"
#include "text_file.h"

enum { COMMENT_COLUMNS = 100 };

struct schedule *schedule_file_read(const char *path)
{
	struct schedule *schedule;
	char reason[256] = "";
	size_t nbytes;
	char *text = text_file_read(path, &nbytes);

	if (!text) {
		fprintf(stderr, "race: %s can't be read: %s\n", path, strerror(errno));
		return NULL;
	}
	schedule = schedule_parse(text, nbytes, reason, sizeof(reason));
	free(text);
	if (!schedule)
		fprintf(stderr, "race: %s is no schedule that can be used: %s\n", path, reason);
	return schedule;
}

/* The message as comment lines of a readable width. */
static int add_message(struct pool *pool, struct schedule *schedule, const char *message)
{
	size_t length, cut;

	while (*message) {
		length = strcspn(message, "\n");
		if (length > COMMENT_COLUMNS) {
			for (cut = COMMENT_COLUMNS; cut > 0 && message[cut] != ' '; cut--)
				;
			length = cut ? cut : COMMENT_COLUMNS;
		}
		if (schedule_add_comment(schedule, pool_copy_part(pool, message, length)))
			return -1;
		message += length;
		message += strspn(message, " \n");
	}
	return 0;
}

struct schedule *schedule_file_make(struct pool *pool, const struct finding *finding, struct symbolise *symbolise,
	char *const *command)
{
	struct schedule *schedule = finding->trace ?
		schedule_from_trace(finding->trace, symbolise_symbols(symbolise)) : NULL;
	const char *fingerprint = document_fingerprint(pool, finding->fingerprint);
	const char *message = rename_objects(pool, finding->message ? finding->message : "", finding->trace, symbolise);

	if (!schedule)
		return NULL;
	schedule->seed = finding->plan.seed;
	schedule->has_seed = schedule->seed != 1;
	if (add_message(pool, schedule, message) ||
		schedule_set_command(schedule, command_line_join(pool, command)) ||
		(finding->kind && schedule_set_finding(schedule, finding->kind, fingerprint))) {
		schedule_close(schedule);
		return NULL;
	}
	return schedule;
}

int schedule_file_write(struct pool *pool, const struct schedule *schedule, const char *path)
{
	char *name = pool_print(pool, "%s.%d", path, (int)getpid());
	FILE *file = fopen(name, "wx");
	int failed;

	if (!file) {
		fprintf(stderr, "race: %s can't be written: %s\n", path, strerror(errno));
		return -1;
	}
	failed = schedule_print(schedule, file);
	failed |= fflush(file);
	if (failed | fclose(file) || rename(name, path)) {
		fprintf(stderr, "race: %s can't be written: %s\n", path, strerror(errno));
		unlink(name);
		return -1;
	}
	return 0;
}

const char *schedule_file_name(struct pool *pool, const char *folder, const struct finding *finding)
{
	size_t length = strlen(folder);

	while (length > 1 && folder[length - 1] == '/')
		length--;
	return pool_print(pool, "%.*s/%s-%s.race", (int)length, folder, finding->kind,
		document_fingerprint(pool, finding->fingerprint));
}

/* The folder above; "." for a bare name. */
static char *above(struct pool *pool, const char *path)
{
	char *copy = pool_copy(pool, path), *slash;
	size_t length = strlen(copy);

	while (length > 1 && copy[length - 1] == '/')
		copy[--length] = '\0';
	slash = strrchr(copy, '/');
	if (!slash)
		return pool_copy(pool, ".");
	slash[slash == copy] = '\0';
	return copy;
}

int schedule_file_check(struct pool *pool, const char *folder)
{
	const char *existing = folder;
	struct stat status;
	int error = 0;

	while (stat(existing, &status) && errno == ENOENT && strcmp(existing, "/") != 0 && strcmp(existing, ".") != 0)
		existing = above(pool, existing);
	if (stat(existing, &status))
		error = errno;
	else if (!S_ISDIR(status.st_mode))
		error = ENOTDIR;
	else if (access(existing, W_OK | X_OK))
		error = errno;
	if (!error)
		return 0;
	fprintf(stderr, "race: schedules can't be written to %s: %s; --output names another folder\n", folder,
		strerror(error));
	return -1;
}

int schedule_file_make_folder(struct pool *pool, const char *folder)
{
	struct stat status;

	if (stat(folder, &status) == 0 && S_ISDIR(status.st_mode))
		return 0;
	if (mkdir(folder, 0777) == 0 || errno == EEXIST)
		return 0;
	if (errno == ENOENT && schedule_file_make_folder(pool, above(pool, folder)) == 0 && mkdir(folder, 0777) == 0)
		return 0;
	fprintf(stderr, "race: folder %s can't be made: %s\n", folder, strerror(errno));
	return -1;
}

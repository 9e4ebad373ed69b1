/*
 * Schedules as files: reading, and writing what a finding leads to.
 */
#ifndef RACE_TOOLS_SCHEDULE_FILE_H
#define RACE_TOOLS_SCHEDULE_FILE_H

#include "report/document.h"
#include "explorer/schedule.h"
#include "pool.h"

/* NULL when the file can't be read or is no schedule; a sentence has gone to stderr. Owned by the caller. */
struct schedule *schedule_file_read(const char *path);

/*
 * The schedule that repeats a finding, from its trace: with the command, what was found, its sentence as a comment,
 * and the seed of the finding's plan.
 * NULL when there is no trace or memory is short.
 */
struct schedule *schedule_file_make(struct pool *pool, const struct finding *finding, struct symbolise *symbolise,
	char *const *command);

/* Writes it; the file only takes its name once it is complete. -1: a sentence has gone to stderr. */
int schedule_file_write(struct pool *pool, const struct schedule *schedule, const char *path);

/* FOLDER/KIND-FINGERPRINT.race */
const char *schedule_file_name(struct pool *pool, const char *folder, const struct finding *finding);

/* Can files be made in this folder, which need not exist yet? -1: no, and a sentence has gone to stderr. */
int schedule_file_check(struct pool *pool, const char *folder);

/* Makes the folder and those above it where they are missing. */
int schedule_file_make_folder(struct pool *pool, const char *folder);

#endif

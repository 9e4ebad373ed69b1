/* Incremental blobs, backups and checkpoints: operations on a database beside statements. What they touch is unknown,
 * so they depend on everything in it. */
#include "sqlite_call.h"

/* Blob handles and the connection they belong to; SQLite has no call that tells. */
static struct {
	struct sqlite3_blob *blob;
	struct sqlite3 *db;
} blobs[256];

static void remember(struct sqlite3_blob *blob, struct sqlite3 *db)
{
	for (size_t i = 0; i < sizeof blobs / sizeof *blobs; i++) {
		if (blobs[i].blob && blobs[i].blob != blob)
			continue;
		blobs[i].blob = blob;
		blobs[i].db = db;
		return;
	}
	control_uncontrolled(UNCONTROLLED_LIMIT, self.site, "more than 256 open blobs");
}

static struct sqlite_connection *connection_of(struct sqlite3_blob *blob)
{
	for (size_t i = 0; blob && i < sizeof blobs / sizeof *blobs; i++)
		if (blobs[i].blob == blob)
			return sqlite_connection_of(blobs[i].db);
	return NULL;
}

static void forget(struct sqlite3_blob *blob)
{
	for (size_t i = 0; i < sizeof blobs / sizeof *blobs; i++)
		if (blobs[i].blob == blob)
			blobs[i].blob = NULL;
}

/* The operation as a point, or straight through where no connection of ours is concerned. */
#define PERFORM(op, connection_, call) \
	({ \
		struct sqlite_connection *performing = sqlite_call_is_nested() ? NULL : (connection_); \
		int performed; \
		if (performing) { \
			performed = OPERATION(op, performing, 0, call); \
			point_done(performed, 0); \
		} else { \
			performed = THROUGH(call); \
		} \
		performed; \
	})

SQLITE(int, sqlite3_blob_open,
	(struct sqlite3 * db, const char *schema, const char *table, const char *column, int64_t row, int flags,
		struct sqlite3_blob **blob),
	(db, schema, table, column, row, flags, blob))
{
	int result = PERFORM(OP_SQLITE_BLOB, sqlite_connection_of(db),
		genuine_sqlite3_blob_open(db, schema, table, column, row, flags, blob));

	if (result == ABI_SQLITE_OK)
		remember(*blob, db);
	return result;
}

SQLITE(int, sqlite3_blob_reopen, (struct sqlite3_blob * blob, int64_t row), (blob, row))
{
	return PERFORM(OP_SQLITE_BLOB, connection_of(blob), genuine_sqlite3_blob_reopen(blob, row));
}

SQLITE(int, sqlite3_blob_read, (struct sqlite3_blob * blob, void *buffer, int nbytes, int offset),
	(blob, buffer, nbytes, offset))
{
	return PERFORM(OP_SQLITE_BLOB, connection_of(blob), genuine_sqlite3_blob_read(blob, buffer, nbytes, offset));
}

SQLITE(int, sqlite3_blob_write, (struct sqlite3_blob * blob, const void *buffer, int nbytes, int offset),
	(blob, buffer, nbytes, offset))
{
	return PERFORM(OP_SQLITE_BLOB, connection_of(blob), genuine_sqlite3_blob_write(blob, buffer, nbytes, offset));
}

SQLITE(int, sqlite3_blob_close, (struct sqlite3_blob * blob), (blob))
{
	int result = PERFORM(OP_SQLITE_BLOB, connection_of(blob), genuine_sqlite3_blob_close(blob));

	if (blob)
		forget(blob);
	return result;
}

/* A backup reads one database and writes another: a point for the one that is written, dependent on everything. */
static struct {
	struct sqlite3_backup *backup;
	struct sqlite3 *target, *source;
} backups[16];

SQLITE(struct sqlite3_backup *, sqlite3_backup_init,
	(struct sqlite3 * target, const char *target_name, struct sqlite3 *source, const char *source_name),
	(target, target_name, source, source_name))
{
	struct sqlite3_backup *backup =
		THROUGH(genuine_sqlite3_backup_init(target, target_name, source, source_name));

	for (size_t i = 0; backup && i < sizeof backups / sizeof *backups; i++) {
		if (backups[i].backup)
			continue;
		backups[i].backup = backup;
		backups[i].target = target;
		backups[i].source = source;
		break;
	}
	return backup;
}

static int backup_row(const struct sqlite3_backup *backup)
{
	for (int i = 0; i < (int)(sizeof backups / sizeof *backups); i++)
		if (backups[i].backup == backup)
			return i;
	return -1;
}

SQLITE(int, sqlite3_backup_step, (struct sqlite3_backup * backup, int npages), (backup, npages))
{
	int row = backup_row(backup);

	if (row < 0)
		return THROUGH(genuine_sqlite3_backup_step(backup, npages));
	struct sqlite_connection *source = sqlite_connection_of(backups[row].source);
	struct sqlite_connection *target = sqlite_connection_of(backups[row].target);
	if (!source || !target)
		return THROUGH(genuine_sqlite3_backup_step(backup, npages));
	sqlite_connection_before(target, 0);
	int result = PERFORM(OP_SQLITE_BACKUP, source, genuine_sqlite3_backup_step(backup, npages));
	sqlite_connection_after(target, result);
	return result;
}

SQLITE(int, sqlite3_backup_finish, (struct sqlite3_backup * backup), (backup))
{
	int row = backup_row(backup);
	int result = THROUGH(genuine_sqlite3_backup_finish(backup));

	if (row >= 0 && backup) {
		struct sqlite_connection *target = sqlite_connection_of(backups[row].target);
		backups[row].backup = NULL;
		if (target) {
			sqlite_connection_before(target, 0);
			target->state = 2; /* what the backup held is given back */
			sqlite_connection_after(target, result);
		}
	}
	return result;
}

SQLITE(int, sqlite3_wal_checkpoint, (struct sqlite3 * db, const char *schema), (db, schema))
{
	return PERFORM(OP_SQLITE_BACKUP, sqlite_connection_of(db), genuine_sqlite3_wal_checkpoint(db, schema));
}

SQLITE(int, sqlite3_wal_checkpoint_v2,
	(struct sqlite3 * db, const char *schema, int mode, int *nframes, int *nmoved),
	(db, schema, mode, nframes, nmoved))
{
	return PERFORM(OP_SQLITE_BACKUP, sqlite_connection_of(db),
		genuine_sqlite3_wal_checkpoint_v2(db, schema, mode, nframes, nmoved));
}

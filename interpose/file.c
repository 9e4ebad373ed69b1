/*
 * Files by name: opened, looked at, changed. Databases are redirected to private copies, everything else goes where it
 * says, and is listed when it is written to.
 */
#include "call.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fifo.h"
#include "file.h"
#include "random.h"
#include "sqlite_library.h"

/* Is the caller SQLite? */
static bool is_sqlite(void)
{
	if (!module_is_guarded(self.site))
		return false;
	const struct sqlite_library *library = sqlite_library();
	return library->sql && module_same((uint64_t)(uintptr_t)library->sql, self.site);
}

/* Opening a database for good? */
static bool is_client(int flags)
{
	return (flags & O_ACCMODE) != O_RDONLY && !(flags & O_EXCL) && is_sqlite();
}

/* What is there before an opening with these flags succeeds. */
static enum written_before look(int folder, const char *path, int flags)
{
	if (!(flags & O_CREAT) || !path)
		return WRITTEN_FILE;
	return flags & O_EXCL ? WRITTEN_NOTHING : written_look(folder, path);
}

/* A file that is going to be opened. */
struct opening {
	const char *target; /* its path, or that of a private copy */
	bool changes;       /* it is no copy, and going to be written to */
	enum written_before before;
	char buffer[PATHNAME_BYTES];
};

static void begin_open(struct opening *opening, int folder, const char *path, int flags)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);

	opening->target = redirect_path(folder, path, is_client(flags), writes, opening->buffer);
	opening->before = WRITTEN_OTHER;
	if (opening->target == path && (writes || (flags & O_CREAT)))
		opening->before = look(folder, path, flags);
	opening->changes = opening->before == WRITTEN_NOTHING || (opening->before == WRITTEN_FILE && writes);
}

static int end_open(const struct opening *opening, int fd)
{
	if (opening->changes && fd >= 0)
		written_open(fd, opening->before);
	return fd;
}

static int mode_of(int flags, va_list list)
{
	return flags & (O_CREAT | __O_TMPFILE) ? va_arg(list, int) : 0;
}

/* open and its relatives are variadic: the stanza is written out. */
#define OPEN_BODY(name, folder, ...) \
	struct opening opening; \
	int random = random_open(path, flags); \
	if (random >= 0) \
		return random; \
	begin_open(&opening, folder, path, flags); \
	const char *target = opening.target; \
	if (fifo_waits(folder, target, flags)) \
		return fifo_open(folder, target, flags); \
	call_user_begin(); \
	int fd = genuine_##name(__VA_ARGS__); \
	call_user_end(); \
	return end_open(&opening, fd)

#define INTERPOSE_OPEN(name, first, first_argument, folder_) \
	static int (*genuine_##name)(first const char *, int, ...); \
	INTERPOSE_TABLE(name, LIBC, NULL); \
	INTERPOSE_EXPORT int name(first const char *path, int flags, ...); \
	INTERPOSE_EXPORT int name(first const char *path, int flags, ...) \
	{ \
		struct guard guard __attribute__((cleanup(guard_leave))) = {0}; \
		va_list list; \
		va_start(list, flags); \
		int mode = mode_of(flags, list); \
		va_end(list); \
		if (!guard_enter(&guard, &entry_##name, __builtin_return_address(0))) \
			return genuine_##name(first_argument path, flags, mode); \
		OPEN_BODY(name, folder_, first_argument target, flags, mode); \
	}

#define COMMA ,
INTERPOSE_OPEN(open, , , AT_FDCWD)
INTERPOSE_OPEN(open64, , , AT_FDCWD)
INTERPOSE_OPEN(openat, int folder COMMA, folder COMMA, folder)
INTERPOSE_OPEN(openat64, int folder COMMA, folder COMMA, folder)

/* What programs that were built with _FORTIFY_SOURCE call where they give no mode. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int folder, const char *path, int flags);
int __openat64_2(int folder, const char *path, int flags);

INTERPOSE(int, __open_2, (const char *path, int flags), (path, flags))
{
	OPEN_BODY(__open_2, AT_FDCWD, target, flags);
}

INTERPOSE(int, __open64_2, (const char *path, int flags), (path, flags))
{
	OPEN_BODY(__open64_2, AT_FDCWD, target, flags);
}

INTERPOSE(int, __openat_2, (int folder, const char *path, int flags), (folder, path, flags))
{
	OPEN_BODY(__openat_2, folder, folder, target, flags);
}

INTERPOSE(int, __openat64_2, (int folder, const char *path, int flags), (folder, path, flags))
{
	OPEN_BODY(__openat64_2, folder, folder, target, flags);
}

#define CREATED(path, call) \
	({ \
		struct opening opening; \
		begin_open(&opening, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC); \
		const char *target = opening.target; \
		call_user_begin(); \
		int created_fd = (call); \
		call_user_end(); \
		end_open(&opening, created_fd); \
	})

INTERPOSE(int, creat, (const char *path, mode_t mode), (path, mode))
{
	return CREATED(path, genuine_creat(target, mode));
}

INTERPOSE(int, creat64, (const char *path, mode_t mode), (path, mode))
{
	return CREATED(path, genuine_creat64(target, mode));
}

INTERPOSE(int, stat, (const char *path, struct stat *status), (path, status))
{
	return REDIRECTED(AT_FDCWD, path, false, genuine_stat(target, status));
}

INTERPOSE(int, stat64, (const char *path, struct stat64 *status), (path, status))
{
	return REDIRECTED(AT_FDCWD, path, false, genuine_stat64(target, status));
}

INTERPOSE(int, lstat, (const char *path, struct stat *status), (path, status))
{
	return REDIRECTED(AT_FDCWD, path, false, genuine_lstat(target, status));
}

INTERPOSE(int, lstat64, (const char *path, struct stat64 *status), (path, status))
{
	return REDIRECTED(AT_FDCWD, path, false, genuine_lstat64(target, status));
}

INTERPOSE(int, fstatat, (int folder, const char *path, struct stat *status, int flags), (folder, path, status, flags))
{
	return REDIRECTED(folder, path, false, genuine_fstatat(folder, target, status, flags));
}

INTERPOSE(int, fstatat64, (int folder, const char *path, struct stat64 *status, int flags),
	(folder, path, status, flags))
{
	return REDIRECTED(folder, path, false, genuine_fstatat64(folder, target, status, flags));
}

INTERPOSE(int, statx, (int folder, const char *path, int flags, unsigned int mask, struct statx *status),
	(folder, path, flags, mask, status))
{
	return REDIRECTED(folder, path, false, genuine_statx(folder, target, flags, mask, status));
}

INTERPOSE(int, access, (const char *path, int mode), (path, mode))
{
	return REDIRECTED(AT_FDCWD, path, false, genuine_access(target, mode));
}

INTERPOSE(int, faccessat, (int folder, const char *path, int mode, int flags), (folder, path, mode, flags))
{
	return REDIRECTED(folder, path, false, genuine_faccessat(folder, target, mode, flags));
}

INTERPOSE(int, truncate, (const char *path, off_t length), (path, length))
{
	return CHANGED(AT_FDCWD, path, written_change, genuine_truncate(target, length));
}

INTERPOSE(int, truncate64, (const char *path, off64_t length), (path, length))
{
	return CHANGED(AT_FDCWD, path, written_change, genuine_truncate64(target, length));
}

INTERPOSE(int, chmod, (const char *path, mode_t mode), (path, mode))
{
	return CHANGED(AT_FDCWD, path, written_change, genuine_chmod(target, mode));
}

static FILE *(*genuine_fdopen)(int, const char *);

static FILE *stream_of(int fd, const char *mode)
{
	static const struct interposed entry = {"fdopen", LIBC, NULL, (void **)&genuine_fdopen};

	if (fd < 0 || (!genuine_fdopen && !resolve_entry(&entry)))
		return NULL;
	return genuine_fdopen(fd, mode);
}

static int flags_of(const char *mode)
{
	int cloexec = strchr(mode, 'e') ? O_CLOEXEC : 0;

	if (strchr(mode, '+'))
		return cloexec | O_RDWR;
	return cloexec | (mode[0] == 'r' ? O_RDONLY : O_WRONLY);
}

/* Those that make a file. */
static int making_flags_of(const char *mode)
{
	return mode[0] == 'r' ? 0 : O_CREAT | (strchr(mode, 'x') ? O_EXCL : 0);
}

#define OPENED_STREAM(path, mode, call) \
	({ \
		struct opening opening; \
		begin_open(&opening, AT_FDCWD, path, flags_of(mode) | making_flags_of(mode)); \
		const char *target = opening.target; \
		call_user_begin(); \
		FILE *opened_stream = (call); \
		call_user_end(); \
		end_open(&opening, opened_stream ? opened_stream->_fileno : -1); \
		opened_stream; \
	})

static FILE *open_stream(const char *path, const char *mode, FILE *(*genuine)(const char *, const char *))
{
	int flags = flags_of(mode);
	FILE *random = stream_of(random_open(path, flags & O_CLOEXEC), mode);

	if (random)
		return random;
	if (fifo_waits(AT_FDCWD, path, flags))
		return stream_of(fifo_open(AT_FDCWD, path, flags), mode);
	return OPENED_STREAM(path, mode, genuine(target, mode));
}

INTERPOSE(FILE *, fopen, (const char *path, const char *mode), (path, mode))
{
	return open_stream(path, mode, genuine_fopen);
}

INTERPOSE(FILE *, fopen64, (const char *path, const char *mode), (path, mode))
{
	return open_stream(path, mode, genuine_fopen64);
}

/* Without a path only the mode changes. */
INTERPOSE(FILE *, freopen, (const char *path, const char *mode, FILE *stream), (path, mode, stream))
{
	return OPENED_STREAM(path, mode, genuine_freopen(target, mode, stream));
}

INTERPOSE(FILE *, freopen64, (const char *path, const char *mode, FILE *stream), (path, mode, stream))
{
	return OPENED_STREAM(path, mode, genuine_freopen64(target, mode, stream));
}

/* The copies that SQLite works on need not outlive the machine, and its folder has not changed. */
static int synchronise(int fd, int (*genuine)(int fd))
{
	if (control->settings.redirect && is_sqlite())
		return 0;
	call_user_begin();
	int result = genuine(fd);
	call_user_end();
	return result;
}

INTERPOSE(int, fsync, (int fd), (fd))
{
	return synchronise(fd, genuine_fsync);
}

INTERPOSE(int, fdatasync, (int fd), (fd))
{
	return synchronise(fd, genuine_fdatasync);
}

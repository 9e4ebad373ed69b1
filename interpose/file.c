/* Paths of files: databases are redirected to private copies, everything else goes where it says. */
#include "call.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fifo.h"
#include "random.h"
#include "redirect.h"
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

static const char *opened_path(const char *path, int flags, char *buffer)
{
	bool changes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);

	return redirect_path(path, is_client(flags), changes, buffer);
}

static int mode_of(int flags, va_list list)
{
	return flags & (O_CREAT | __O_TMPFILE) ? va_arg(list, int) : 0;
}

/* open and its relatives are variadic: the stanza is written out. */
#define INTERPOSE_OPEN(name, first, first_argument, folder_) \
	static int (*genuine_##name)(first const char *, int, ...); \
	INTERPOSE_TABLE(name, LIBC, NULL); \
	INTERPOSE_EXPORT int name(first const char *path, int flags, ...); \
	INTERPOSE_EXPORT int name(first const char *path, int flags, ...) \
	{ \
		struct guard guard __attribute__((cleanup(guard_leave))) = {0}; \
		char buffer[REDIRECT_PATH_BYTES]; \
		va_list list; \
		va_start(list, flags); \
		int mode = mode_of(flags, list); \
		va_end(list); \
		if (!guard_enter(&guard, &entry_##name, __builtin_return_address(0))) \
			return genuine_##name(first_argument path, flags, mode); \
		int random = random_open(path, flags); \
		if (random >= 0) \
			return random; \
		const char *target = opened_path(path, flags, buffer); \
		if (fifo_waits(folder_, target, flags)) \
			return fifo_open(folder_, target, flags); \
		call_user_begin(); \
		int fd = genuine_##name(first_argument target, flags, mode); \
		call_user_end(); \
		return fd; \
	}

#define COMMA ,
INTERPOSE_OPEN(open, , , AT_FDCWD)
INTERPOSE_OPEN(open64, , , AT_FDCWD)
INTERPOSE_OPEN(openat, int folder COMMA, folder COMMA, folder)
INTERPOSE_OPEN(openat64, int folder COMMA, folder COMMA, folder)

/* The genuine call on the redirected path; errno is what it leaves. */
#define REDIRECTED(path, changes, call) \
	({ \
		char redirected_buffer[REDIRECT_PATH_BYTES]; \
		const char *target = redirect_path(path, false, changes, redirected_buffer); \
		call_user_begin(); \
		__typeof__(call) redirected_result = (call); \
		call_user_end(); \
		redirected_result; \
	})

INTERPOSE(int, creat, (const char *path, mode_t mode), (path, mode))
{
	return REDIRECTED(path, true, genuine_creat(target, mode));
}

INTERPOSE(int, creat64, (const char *path, mode_t mode), (path, mode))
{
	return REDIRECTED(path, true, genuine_creat64(target, mode));
}

INTERPOSE(int, stat, (const char *path, struct stat *status), (path, status))
{
	return REDIRECTED(path, false, genuine_stat(target, status));
}

INTERPOSE(int, stat64, (const char *path, struct stat64 *status), (path, status))
{
	return REDIRECTED(path, false, genuine_stat64(target, status));
}

INTERPOSE(int, lstat, (const char *path, struct stat *status), (path, status))
{
	return REDIRECTED(path, false, genuine_lstat(target, status));
}

INTERPOSE(int, lstat64, (const char *path, struct stat64 *status), (path, status))
{
	return REDIRECTED(path, false, genuine_lstat64(target, status));
}

INTERPOSE(int, fstatat, (int folder, const char *path, struct stat *status, int flags), (folder, path, status, flags))
{
	return REDIRECTED(path, false, genuine_fstatat(folder, target, status, flags));
}

INTERPOSE(int, fstatat64, (int folder, const char *path, struct stat64 *status, int flags),
	(folder, path, status, flags))
{
	return REDIRECTED(path, false, genuine_fstatat64(folder, target, status, flags));
}

INTERPOSE(int, statx, (int folder, const char *path, int flags, unsigned int mask, struct statx *status),
	(folder, path, flags, mask, status))
{
	return REDIRECTED(path, false, genuine_statx(folder, target, flags, mask, status));
}

INTERPOSE(int, access, (const char *path, int mode), (path, mode))
{
	return REDIRECTED(path, false, genuine_access(target, mode));
}

INTERPOSE(int, faccessat, (int folder, const char *path, int mode, int flags), (folder, path, mode, flags))
{
	return REDIRECTED(path, false, genuine_faccessat(folder, target, mode, flags));
}

INTERPOSE(int, unlink, (const char *path), (path))
{
	return REDIRECTED(path, true, genuine_unlink(target));
}

INTERPOSE(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
{
	return REDIRECTED(path, true, genuine_unlinkat(folder, target, flags));
}

INTERPOSE(int, remove, (const char *path), (path))
{
	return REDIRECTED(path, true, genuine_remove(target));
}

INTERPOSE(int, truncate, (const char *path, off_t length), (path, length))
{
	return REDIRECTED(path, true, genuine_truncate(target, length));
}

INTERPOSE(int, chmod, (const char *path, mode_t mode), (path, mode))
{
	return REDIRECTED(path, true, genuine_chmod(target, mode));
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

static FILE *open_stream(const char *path, const char *mode, FILE *(*genuine)(const char *, const char *))
{
	int flags = flags_of(mode);
	FILE *random = stream_of(random_open(path, flags & O_CLOEXEC), mode);

	if (random)
		return random;
	if (fifo_waits(AT_FDCWD, path, flags))
		return stream_of(fifo_open(AT_FDCWD, path, flags), mode);
	return REDIRECTED(path, (flags & O_ACCMODE) != O_RDONLY, genuine(target, mode));
}

INTERPOSE(FILE *, fopen, (const char *path, const char *mode), (path, mode))
{
	return open_stream(path, mode, genuine_fopen);
}

INTERPOSE(FILE *, fopen64, (const char *path, const char *mode), (path, mode))
{
	return open_stream(path, mode, genuine_fopen64);
}

INTERPOSE(int, rename, (const char *from, const char *to), (from, to))
{
	char source[REDIRECT_PATH_BYTES], buffer[REDIRECT_PATH_BYTES];
	const char *old = redirect_path(from, false, true, source);
	const char *target = redirect_path(to, false, true, buffer);

	call_user_begin();
	int result = genuine_rename(old, target);
	call_user_end();
	return result;
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

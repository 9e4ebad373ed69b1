/* Entries of folders: made, renamed, removed. Databases are redirected to private copies; the rest is listed. */
#include "call.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

INTERPOSE(int, unlink, (const char *path), (path))
{
	return CHANGED(AT_FDCWD, path, written_remove, genuine_unlink(target));
}

INTERPOSE(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
{
	return CHANGED(folder, path, written_remove, genuine_unlinkat(folder, target, flags));
}

INTERPOSE(int, remove, (const char *path), (path))
{
	return CHANGED(AT_FDCWD, path, written_remove, genuine_remove(target));
}

INTERPOSE(int, rmdir, (const char *path), (path))
{
	return CHANGED(AT_FDCWD, path, written_remove, genuine_rmdir(target));
}

INTERPOSE(int, mkdir, (const char *path, mode_t mode), (path, mode))
{
	return CHANGED(AT_FDCWD, path, written_change, genuine_mkdir(target, mode));
}

INTERPOSE(int, mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode))
{
	return CHANGED(folder, path, written_change, genuine_mkdirat(folder, target, mode));
}

INTERPOSE(int, symlink, (const char *content, const char *path), (content, path))
{
	return CHANGED(AT_FDCWD, path, written_change, genuine_symlink(content, target));
}

INTERPOSE(int, symlinkat, (const char *content, int folder, const char *path), (content, folder, path))
{
	return CHANGED(folder, path, written_change, genuine_symlinkat(content, folder, target));
}

/* Two names, each relative to a folder, and what is under them before. */
struct entry {
	int folder;
	const char *path, *target; /* `target` differs where it is redirected */
	enum written_before before;
	char buffer[PATHNAME_BYTES];
};

static void look(struct entry *entry, int folder, const char *path)
{
	entry->folder = folder;
	entry->path = path;
	entry->target = redirect_path(folder, path, false, true, entry->buffer);
	entry->before = entry->target == path ? written_look(folder, path) : WRITTEN_OTHER;
}

/* A file comes to be under the name: pipes and sockets are none, and who has it redirected keeps it to himself. */
static void come(const struct entry *to, const struct entry *from)
{
	bool is_file = from->before != WRITTEN_OTHER || from->target != from->path;

	if (is_file && to->target == to->path)
		written_change(to->folder, to->path, to->before == WRITTEN_NOTHING ? WRITTEN_NOTHING : WRITTEN_FILE);
}

static int moved(const struct entry *from, const struct entry *to, unsigned int flags, int result)
{
	if (result < 0)
		return result;
	come(to, from);
	if (flags & RENAME_EXCHANGE)
		come(from, to);
	else
		written_remove(from->folder, from->path, from->before);
	return result;
}

/* The genuine call on both redirected paths, old.target and new.target. */
#define MOVED(from_folder, from, to_folder, to, flags, call) \
	({ \
		struct entry old, new; \
		look(&old, from_folder, from); \
		look(&new, to_folder, to); \
		call_user_begin(); \
		int moved_result = (call); \
		call_user_end(); \
		moved(&old, &new, flags, moved_result); \
	})

INTERPOSE(int, rename, (const char *from, const char *to), (from, to))
{
	return MOVED(AT_FDCWD, from, AT_FDCWD, to, 0, genuine_rename(old.target, new.target));
}

INTERPOSE(int, renameat, (int from_folder, const char *from, int to_folder, const char *to),
	(from_folder, from, to_folder, to))
{
	return MOVED(from_folder, from, to_folder, to, 0,
		genuine_renameat(from_folder, old.target, to_folder, new.target));
}

INTERPOSE(int, renameat2, (int from_folder, const char *from, int to_folder, const char *to, unsigned int flags),
	(from_folder, from, to_folder, to, flags))
{
	return MOVED(from_folder, from, to_folder, to, flags,
		genuine_renameat2(from_folder, old.target, to_folder, new.target, flags));
}

INTERPOSE(int, link, (const char *from, const char *to), (from, to))
{
	return CHANGED(AT_FDCWD, to, written_change, genuine_link(from, target));
}

INTERPOSE(int, linkat, (int from_folder, const char *from, int to_folder, const char *to, int flags),
	(from_folder, from, to_folder, to, flags))
{
	return CHANGED(to_folder, to, written_change, genuine_linkat(from_folder, from, to_folder, target, flags));
}

/* Names that the C library makes up. */
static int made_temporary(int fd)
{
	if (fd < 0)
		return call_error(errno);
	written_open(fd, WRITTEN_NOTHING);
	return fd;
}

INTERPOSE(int, mkstemp, (char *name), (name))
{
	return made_temporary(genuine_mkstemp(name));
}

INTERPOSE(int, mkstemp64, (char *name), (name))
{
	return made_temporary(genuine_mkstemp64(name));
}

INTERPOSE(int, mkostemp, (char *name, int flags), (name, flags))
{
	return made_temporary(genuine_mkostemp(name, flags));
}

INTERPOSE(int, mkostemp64, (char *name, int flags), (name, flags))
{
	return made_temporary(genuine_mkostemp64(name, flags));
}

INTERPOSE(int, mkstemps, (char *name, int nsuffix), (name, nsuffix))
{
	return made_temporary(genuine_mkstemps(name, nsuffix));
}

INTERPOSE(int, mkostemps, (char *name, int nsuffix, int flags), (name, nsuffix, flags))
{
	return made_temporary(genuine_mkostemps(name, nsuffix, flags));
}

INTERPOSE(char *, mkdtemp, (char *name), (name))
{
	char *result = genuine_mkdtemp(name);

	if (!result)
		call_error(errno);
	else
		written_change(AT_FDCWD, name, WRITTEN_NOTHING);
	return result;
}

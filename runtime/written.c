#include "written.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "control.h"
#include "pathname.h"
#include "point.h"
#include "shared/hash.h"
#include "sys.h"

_Static_assert((int)PATHNAME_BYTES <= (int)WRITTEN_PATH_BYTES, "a path has room");

static bool is_listed_kind(const struct stat *status)
{
	return S_ISREG(status->st_mode) || S_ISDIR(status->st_mode) || S_ISLNK(status->st_mode);
}

enum written_before written_look(int folder, const char *path)
{
	struct stat status;

	if (!path || sys_call(SYS_newfstatat, folder, (long)path, (long)&status, AT_SYMLINK_NOFOLLOW, 0, 0) < 0)
		return WRITTEN_NOTHING;
	return is_listed_kind(&status) ? WRITTEN_FILE : WRITTEN_OTHER;
}

static bool is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return length > 0 && strncmp(path, folder, length) == 0 && path[length] == '/';
}

static bool is_unlisted(const char *path)
{
	return is_below(path, "/dev") || is_below(path, "/proc") || is_below(path, "/sys") ||
		is_below(path, control->settings.folder);
}

/* Index of a path, or of the first free place: not yet one of them. */
static uint32_t find(const char *path, uint64_t hash)
{
	struct written *written = &control->written;
	uint32_t place = written->n;

	for (uint32_t i = 0; i < written->n; i++) {
		if (written->hashes[i] == hash && strcmp(written->paths[i], path) == 0)
			return i;
		if (written->hashes[i] == 0 && place == written->n)
			place = i;
	}
	return place;
}

static uint64_t hash_of(const char *path)
{
	uint64_t hash = hash_text(path);

	return hash ? hash : 1;
}

static bool is_known(uint32_t place, uint64_t hash)
{
	return place < control->written.n && control->written.hashes[place] == hash;
}

static void note(const char *path, bool existed)
{
	struct written *written = &control->written;
	uint64_t hash = hash_of(path);

	if (is_unlisted(path))
		return;
	point_ensure(); /* whoever made the call may have lost the turn in it */
	uint32_t place = find(path, hash);
	if (is_known(place, hash))
		return;
	if (place == LIMIT_WRITTEN) {
		written->more = 1;
		return;
	}
	memcpy(written->paths[place], path, strlen(path) + 1);
	written->existed[place] = existed;
	written->hashes[place] = hash;
	if (place == written->n)
		written->n++;
}

void written_open(int fd, enum written_before before)
{
	char path[PATHNAME_BYTES];
	struct stat status;

	if (sys_call3(SYS_fstat, fd, (long)&status, 0) < 0 || !S_ISREG(status.st_mode) || status.st_nlink == 0)
		return;
	if (pathname_open(fd, path))
		note(path, before != WRITTEN_NOTHING);
	else
		control->written.more = 1;
}

void written_change(int folder, const char *path, enum written_before before)
{
	char name[PATHNAME_BYTES];

	if (before == WRITTEN_OTHER)
		return;
	if (pathname_canonical(folder, path, name))
		note(name, before != WRITTEN_NOTHING);
	else
		control->written.more = 1;
}

void written_remove(int folder, const char *path, enum written_before before)
{
	char name[PATHNAME_BYTES];

	if (before != WRITTEN_FILE)
		return;
	if (!pathname_canonical(folder, path, name)) {
		control->written.more = 1;
		return;
	}
	note(name, true);
	uint64_t hash = hash_of(name);
	uint32_t place = find(name, hash);
	if (is_known(place, hash) && !control->written.existed[place])
		control->written.hashes[place] = 0;
}

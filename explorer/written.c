#include "written.h"

#include <string.h>
#include <sys/stat.h>

static const char *how_of(bool existed, bool exists)
{
	if (!existed)
		return exists ? "created" : NULL;
	return exists ? "changed" : "removed";
}

/* The block is the target's to write: a path has no end before it is looked for. */
static bool take(const struct written *written, uint32_t place, struct written_file *file)
{
	struct stat status;

	if (written->hashes[place] == 0)
		return false;
	memcpy(file->path, written->paths[place], sizeof file->path);
	file->path[sizeof file->path - 1] = '\0';
	file->how = how_of(written->existed[place], lstat(file->path, &status) == 0);
	return file->how && file->path[0] == '/';
}

bool written_next(const struct control *control, uint32_t *at, struct written_file *file)
{
	uint32_t n = control->written.n;

	while (*at < n && *at < LIMIT_WRITTEN)
		if (take(&control->written, (*at)++, file))
			return true;
	return false;
}

bool written_has_more(const struct control *control)
{
	return control->written.more != 0;
}

#include "redirect.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "control.h"
#include "shared/hash.h"
#include "sys.h"

static const char *const suffixes[] = {"-journal", "-wal", "-shm", ""};
enum { NSUFFIXES = sizeof suffixes / sizeof *suffixes };

static uint32_t nkept; /* redirects whose files are kept */

/* Length of the path without one of the suffixes; the suffix in *suffix. */
static size_t main_length(const char *path, const char **suffix)
{
	size_t length = strlen(path);

	for (int i = 0; i < NSUFFIXES; i++) {
		size_t tail = strlen(suffixes[i]);
		*suffix = suffixes[i];
		if (length > tail && strcmp(path + length - tail, suffixes[i]) == 0)
			return length - tail;
	}
	return length;
}

static struct redirect *find(const char *path, size_t length)
{
	uint64_t hash = hash_bytes(HASH_START, path, length);

	for (uint32_t i = 1; i <= control->nredirects; i++) {
		struct redirect *redirect = &control->redirects[i];
		const char *known = control->text + redirect->path;
		if (redirect->hash == hash && strncmp(known, path, length) == 0 && known[length] == '\0')
			return redirect;
	}
	return NULL;
}

/* "folder/kind/N.db" */
static size_t copy_name(char *out, const char *kind, uint32_t number)
{
	size_t length = strlen(control->settings.folder), nkind = strlen(kind);

	memcpy(out, control->settings.folder, length);
	memcpy(out + length, kind, nkind);
	length += nkind;
	if (number >= 10)
		out[length++] = (char)('0' + number / 10 % 10);
	out[length++] = (char)('0' + number % 10);
	memcpy(out + length, ".db", 4);
	return length + 3;
}

static void append(char *path, size_t length, const char *suffix)
{
	memcpy(path + length, suffix, strlen(suffix) + 1);
}

/* Not for a source that is missing or can't be read: then the program is told the same when it opens its copy. */
static bool is_short_of_room(long error)
{
	return error == -ENOSPC || error == -EDQUOT || error == -EFBIG || error == -EIO || error == -EROFS ||
		error == -ENOMEM || error == -EMFILE || error == -ENFILE;
}

static void copy_all(const char *from, const char *to)
{
	char source[PATHNAME_BYTES + 16], target[PATHNAME_BYTES + 16];
	size_t nsource = strlen(from), ntarget = strlen(to);

	memcpy(source, from, nsource);
	memcpy(target, to, ntarget);
	for (int i = 0; i < NSUFFIXES; i++) {
		append(source, nsource, suffixes[i]);
		append(target, ntarget, suffixes[i]);
		long error = sys_copy_file(source, target);
		if (error == -ENOENT)
			sys_call3(SYS_unlink, (long)target, 0, 0);
		else if (is_short_of_room(error))
			control_refuse(OBSTACLE_COPY, from, error);
	}
}

static struct redirect *enter(const char *path, size_t length)
{
	char base[PATHNAME_BYTES], live[PATHNAME_BYTES], origin[PATHNAME_BYTES];
	uint32_t number = control->nredirects + 1;

	memcpy(origin, path, length);
	origin[length] = '\0';
	if (number >= LIMIT_REDIRECTS)
		control_refuse(OBSTACLE_DATABASES, origin, 0); /* or its own file would be changed */
	size_t nbase = copy_name(base, "/base/", number), nlive = copy_name(live, "/live/", number);
	copy_all(origin, base);
	copy_all(origin, live);
	control->redirects[number] = (struct redirect){
		.hash = hash_bytes(HASH_START, path, length),
		.path = control_text(origin, (uint32_t)length),
		.copy = control_text(live, (uint32_t)nlive),
		.base = control_text(base, (uint32_t)nbase),
		.flags = sys_call3(SYS_access, (long)origin, 0, 0) == 0 ? REDIRECT_EXISTED : 0,
	};
	control->nredirects = number;
	return &control->redirects[number];
}

static bool has_header(const char *path)
{
	char header[16];
	long fd = sys_open(path, O_RDONLY | O_NONBLOCK, 0);

	if (fd < 0)
		return false;
	long length = sys_read((int)fd, header, sizeof header);
	sys_close((int)fd);
	return length == sizeof header && memcmp(header, "SQLite format 3", 16) == 0;
}

/* SQLite's own temporary files are no databases of the program. */
static bool is_temporary(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strncmp(slash ? slash + 1 : path, "etilqs_", 7) == 0;
}

static const char *redirected(int folder, const char *path, bool client, bool changes, char *buffer)
{
	char name[PATHNAME_BYTES];
	const char *suffix;

	if (!control->settings.redirect || !path || (control->nredirects == 0 && !client && !changes))
		return path;
	if (!pathname_canonical(folder, path, name) || strncmp(name, "/dev/", 5) == 0 || strncmp(name, "/proc/", 6) == 0)
		return path;
	size_t length = main_length(name, &suffix);
	struct redirect *redirect = find(name, length);
	if (!redirect && *suffix == '\0' && ((client && !is_temporary(name)) || (changes && has_header(name))))
		redirect = enter(name, length);
	if (!redirect)
		return path;
	if (client)
		redirect->flags |= REDIRECT_OPENED;
	const char *copy = control->text + redirect->copy;
	size_t ncopy = strlen(copy);
	memcpy(buffer, copy, ncopy);
	append(buffer, ncopy, suffix);
	return buffer;
}

const char *redirect_path(int folder, const char *path, bool client, bool changes, char *buffer)
{
	const char *used = redirected(folder, path, client, changes, buffer);

	if (changes && path && used == path && strncmp(path, "/dev/", 5) != 0)
		control->world.seen |= SEEN_FILES;
	return used;
}

void redirect_mark(void)
{
	char marked[PATHNAME_BYTES];

	for (uint32_t i = 1; i <= control->nredirects; i++) {
		copy_name(marked, "/marked/", i);
		copy_all(control->text + control->redirects[i].copy, marked);
	}
}

/* A file of a redirect: what programs work on, what it held, and the same file by another name. */
struct kept {
	char live[PATHNAME_BYTES + 16], content[PATHNAME_BYTES + 16], same[PATHNAME_BYTES + 16];
};

static void name_kept(struct kept *kept, uint32_t redirect, const char *suffix)
{
	append(kept->live, copy_name(kept->live, "/live/", redirect), suffix);
	append(kept->content, copy_name(kept->content, "/start/", redirect), suffix);
	append(kept->same, copy_name(kept->same, "/same/", redirect), suffix);
}

static long keep(const struct kept *kept)
{
	sys_call3(SYS_unlink, (long)kept->same, 0, 0);
	long error = sys_copy_file(kept->live, kept->content);
	if (error == 0)
		return sys_call3(SYS_link, (long)kept->live, (long)kept->same, 0);
	sys_call3(SYS_unlink, (long)kept->content, 0, 0);
	return error == -ENOENT ? 0 : error;
}

/* Whoever has it open goes on with the same file. */
static long put_back(const struct kept *kept)
{
	sys_call3(SYS_unlink, (long)kept->live, 0, 0);
	long error = sys_call3(SYS_link, (long)kept->same, (long)kept->live, 0);
	if (error == 0)
		return sys_copy_file(kept->content, kept->live);
	return error == -ENOENT ? 0 : error;
}

static long each_kept(long (*visit)(const struct kept *kept))
{
	struct kept kept;
	long error = 0;

	for (uint32_t i = 1; error == 0 && i <= nkept; i++)
		for (int k = 0; error == 0 && k < NSUFFIXES; k++) {
			name_kept(&kept, i, suffixes[k]);
			error = visit(&kept);
		}
	return error;
}

bool redirect_keep(void)
{
	nkept = control->nredirects;
	return each_kept(keep) == 0;
}

void redirect_restore(void)
{
	long error = each_kept(put_back);

	if (error != 0)
		control_refuse(OBSTACLE_COPY, control->settings.folder, error);
}

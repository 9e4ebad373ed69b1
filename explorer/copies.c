#include "copies.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 512 };

/* A database is up to four files. */
static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
enum { NSUFFIXES = sizeof suffixes / sizeof *suffixes };

static int make_folders(const char *folder)
{
	static const char *const names[] = {"base", "live", "marked", "start", "same"};
	char path[PATH_BYTES];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		if (mkdir(path, 0700) < 0)
			return -1;
	}
	return 0;
}

int copies_open(char *folder, size_t nbytes)
{
	const char *places[] = {getenv("TMPDIR"), "/dev/shm", "/tmp"};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		if (!places[i] || access(places[i], W_OK | X_OK) < 0)
			continue;
		snprintf(folder, nbytes, "%s/race-XXXXXX", places[i]);
		if (mkdtemp(folder))
			return make_folders(folder);
	}
	return -1;
}

static int copy_bytes(int from, int to)
{
	char buffer[65536];
	ssize_t length;

	while ((length = sendfile(to, from, NULL, 1 << 30)) > 0)
		;
	if (length == 0)
		return 0;
	while ((length = read(from, buffer, sizeof buffer)) > 0)
		if (write(to, buffer, (size_t)length) != length)
			return -1;
	return length < 0 ? -1 : 0;
}

/* Copies a file; a source that is not there removes the target. */
static int copy_file(const char *from, const char *to)
{
	int result = -1, source = open(from, O_RDONLY | O_CLOEXEC);

	if (source < 0)
		return errno == ENOENT && (unlink(to) == 0 || errno == ENOENT) ? 0 : -1;
	int target = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (target >= 0) {
		result = copy_bytes(source, target);
		if (close(target) < 0)
			result = -1;
	}
	close(source);
	return result;
}

static int reset_one(const char *base, const char *live)
{
	char from[PATH_BYTES], to[PATH_BYTES];

	for (int i = 0; i < NSUFFIXES; i++) {
		snprintf(from, sizeof from, "%s%s", base, suffixes[i]);
		snprintf(to, sizeof to, "%s%s", live, suffixes[i]);
		if (copy_file(from, to) < 0)
			return -1;
	}
	return 0;
}

static const char *text_at(const struct control *control, uint32_t offset)
{
	return offset < LIMIT_TEXT_BYTES ? control->text + offset : "";
}

int copies_reset(struct control *control, char *reason, size_t reason_bytes)
{
	for (uint32_t i = 1; i <= control->nredirects && i < LIMIT_REDIRECTS; i++) {
		const struct redirect *redirect = &control->redirects[i];
		const char *live = text_at(control, redirect->copy);
		if (reset_one(text_at(control, redirect->base), live) == 0)
			continue;
		snprintf(reason, reason_bytes, "cannot put back %s for the next execution: %s; is %s full?",
			text_at(control, redirect->path), strerror(errno), control->settings.folder);
		return -1;
	}
	return 0;
}

static struct image *read_image(const struct control *control, const struct redirect *redirect, bool marked)
{
	char reason[256], path[PATH_BYTES];
	const char *live = text_at(control, redirect->copy);
	const char *name = strrchr(live, '/');

	if (marked)
		snprintf(path, sizeof path, "%s/marked/%s", control->settings.folder, name ? name + 1 : live);
	else
		snprintf(path, sizeof path, "%s", live);
	if (access(path, R_OK) < 0)
		return NULL;
	return sqlite_image(path, text_at(control, redirect->path), reason, sizeof reason);
}

static int read_images(struct control *control, bool marked, struct image ***images, uint32_t *nimages)
{
	struct image **list = calloc(LIMIT_REDIRECTS, sizeof *list);
	uint32_t n = 0;

	if (!list)
		return -1;
	for (uint32_t i = 1; i <= control->nredirects && i < LIMIT_REDIRECTS; i++) {
		struct image *image = NULL;
		if (control->redirects[i].flags & REDIRECT_OPENED)
			image = read_image(control, &control->redirects[i], marked);
		if (image)
			list[n++] = image;
	}
	*images = list;
	*nimages = n;
	return 0;
}

int copies_observe(struct control *control, bool marked, struct observation *out)
{
	if (control->nredirects == 0)
		return 0;
	if (read_images(control, false, &out->images, &out->nimages) < 0)
		return -1;
	return marked ? read_images(control, true, &out->marked, &out->nmarked) : 0;
}

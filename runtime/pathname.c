#include "pathname.h"

#include <fcntl.h>
#include <string.h>

#include "shared/decimal.h"
#include "sys.h"

/* Where the kernel's link to an open file leads; its length, 0: it is too long. */
static size_t read_link(int fd, char *out)
{
	char link[40] = "/proc/self/fd/";

	*decimal_write(link + strlen(link), (unsigned int)fd) = '\0';
	long got = sys_call(SYS_readlinkat, AT_FDCWD, (long)link, (long)out, PATHNAME_BYTES - 1, 0, 0);
	return got > 0 && got < PATHNAME_BYTES - 1 ? (size_t)got : 0;
}

/* Canonical name of the folder of a path whose last part begins at `base`, with a slash behind; 0 when there is none. */
static size_t folder_of(int folder, const char *path, size_t base, char *out)
{
	char name[PATHNAME_BYTES];

	memcpy(name, path, base);
	name[base] = '\0';
	long fd = sys_call(SYS_openat, folder, (long)(base ? name : "."), O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0, 0);
	if (fd < 0)
		return 0;
	size_t length = read_link((int)fd, out);
	sys_close((int)fd);
	if (length > 0 && out[length - 1] != '/')
		out[length++] = '/';
	return length;
}

bool pathname_canonical(int folder, const char *path, char *out)
{
	size_t length = strlen(path), base;

	while (length > 1 && path[length - 1] == '/')
		length--;
	for (base = length; base > 0 && path[base - 1] != '/';)
		base--;
	size_t nbase = length - base;
	if (nbase == 0 || length >= PATHNAME_BYTES)
		return false;
	size_t nfolder = folder_of(folder, path, base, out);
	if (nfolder == 0 || nfolder + nbase >= PATHNAME_BYTES)
		return false;
	memcpy(out + nfolder, path + base, nbase);
	out[nfolder + nbase] = '\0';
	return true;
}

bool pathname_open(int fd, char *out)
{
	size_t length = read_link(fd, out);

	out[length] = '\0';
	return length > 0 && out[0] == '/';
}

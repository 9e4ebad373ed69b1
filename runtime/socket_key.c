#include "socket_key.h"

#include <sys/stat.h>

#include "shared/hash.h"
#include "sys.h"

uint64_t socket_key(int fd)
{
	struct stat status;

	if (sys_call3(SYS_fstat, fd, (long)&status, 0) < 0 || !S_ISSOCK(status.st_mode))
		return 0;
	return hash_bytes(hash_bytes(HASH_START, &status.st_dev, sizeof status.st_dev), &status.st_ino,
		sizeof status.st_ino);
}

/*
 * Absolute names of files.
 */
#ifndef RACE_PATHNAME_H
#define RACE_PATHNAME_H

#include <stdbool.h>

enum { PATHNAME_BYTES = 768 };

/*
 * The name of `path`, as it is meant in the folder behind a descriptor (AT_FDCWD: the current one), without links in
 * its folder and without a slash at its end. `out` has PATHNAME_BYTES. False: it is too long, or its folder is missing.
 */
bool pathname_canonical(int folder, const char *path, char *out);

/* The name of the file that is open; as long. False: it is too long, or has none any more. */
bool pathname_open(int fd, char *out);

#endif

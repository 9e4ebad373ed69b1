/*
 * Whole files as texts.
 */
#ifndef RACE_TOOLS_TEXT_FILE_H
#define RACE_TOOLS_TEXT_FILE_H

#include <stddef.h>

/*
 * The whole file ("-": standard input), malloc'ed, with a NUL behind it that nbytes doesn't count. NULL with errno;
 * EFBIG when it is larger than 64 MB, which nothing that race reads is.
 */
char *text_file_read(const char *path, size_t *nbytes);

#endif

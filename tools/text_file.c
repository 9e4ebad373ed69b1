#include "text_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_FIRST = 1 << 16, BYTES_MOST = 64 << 20 };

static char *read_stream(FILE *stream, size_t *nbytes)
{
	size_t capacity = BYTES_FIRST;
	char *text = malloc(capacity), *larger;

	*nbytes = 0;
	while (text) {
		*nbytes += fread(text + *nbytes, 1, capacity - 1 - *nbytes, stream);
		if (ferror(stream))
			break;
		text[*nbytes] = '\0';
		if (*nbytes < capacity - 1)
			return text;
		capacity *= 2;
		errno = EFBIG;
		larger = capacity <= BYTES_MOST ? realloc(text, capacity) : NULL;
		if (!larger)
			break;
		text = larger;
	}
	free(text);
	return NULL;
}

char *text_file_read(const char *path, size_t *nbytes)
{
	FILE *stream;
	char *text;
	int error;

	if (strcmp(path, "-") == 0)
		return read_stream(stdin, nbytes);
	stream = fopen(path, "r");
	if (!stream)
		return NULL;
	text = read_stream(stream, nbytes);
	error = errno;
	fclose(stream);
	errno = error;
	return text;
}

#include "output.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { USUAL_BYTES = 1 << 20, TRIM_FACTOR = 4 };

/* Standard input for executions that are run many times: a file is rewound, anything else is empty. */
static int open_input(struct settings *settings)
{
	off_t offset = lseek(0, 0, SEEK_CUR);

	if (offset >= 0 && !isatty(0)) {
		settings->input_offset = (uint64_t)offset;
		settings->input_offset_valid = 1;
		return -1;
	}
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void output_init(struct output *output)
{
	*output = (struct output){.fd = -1, .input_fd = -1};
}

int output_open(struct output *output, struct settings *settings, size_t limit)
{
	output_init(output);
	output->limit = limit ? limit : USUAL_BYTES;
	output->fd = memfd_create("race-output", MFD_CLOEXEC);
	if (output->fd < 0 || fcntl(output->fd, F_SETFL, O_APPEND) < 0)
		return -1;
	output->input_fd = open_input(settings);
	return 0;
}

int output_spare_input(struct output *output, struct settings *settings)
{
	settings->input_offset_valid = 0;
	if (output->input_fd < 0)
		output->input_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return output->input_fd < 0 ? -1 : 0;
}

static off_t length_of(const struct output *output)
{
	struct stat status;

	return output->fd >= 0 && fstat(output->fd, &status) == 0 ? status.st_size : 0;
}

void output_clear(struct output *output)
{
	free(output->text);
	output->text = NULL;
	output->cut = false;
	if (length_of(output) > 0 && ftruncate(output->fd, 0) < 0)
		lseek(output->fd, 0, SEEK_SET);
}

/* The target appends, so what it writes next follows what is left. */
void output_trim(struct output *output)
{
	off_t length = length_of(output);

	if (length > (off_t)(TRIM_FACTOR * output->limit) && ftruncate(output->fd, (off_t)output->limit) == 0)
		output->cut = true;
}

const char *output_text(struct output *output, size_t *nbytes, bool *truncated)
{
	*nbytes = 0;
	*truncated = false;
	if (output->fd < 0)
		return "";
	off_t length = length_of(output);
	if (!output->text)
		output->text = malloc(output->limit + 1);
	if (!output->text)
		return "";
	ssize_t got = pread(output->fd, output->text, output->limit, 0);
	*nbytes = got > 0 ? (size_t)got : 0;
	output->text[*nbytes] = '\0';
	*truncated = output->cut || (size_t)length > output->limit;
	return output->text;
}

void output_close(struct output *output)
{
	if (output->fd >= 0)
		close(output->fd);
	if (output->input_fd >= 0)
		close(output->input_fd);
	free(output->text);
	output_init(output);
}

#include "image.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "sys.h"

enum { HEAD_BYTES = 2048, SCRIPT_LEVELS = 4 };

struct head {
	char bytes[HEAD_BYTES];
	long length;
	bool is_setuid;
};

static bool read_head(const char *path, struct head *head)
{
	struct stat status;
	long fd = sys_open(path, O_RDONLY | O_NONBLOCK, 0);

	if (fd < 0)
		return false;
	head->length = sys_read((int)fd, head->bytes, sizeof head->bytes);
	head->is_setuid = sys_call3(SYS_fstat, fd, (long)&status, 0) == 0 && (status.st_mode & (S_ISUID | S_ISGID));
	sys_close((int)fd);
	return head->length > 0;
}

/* The interpreter of a script, in place; NULL: it is none. */
static const char *script_interpreter(struct head *head)
{
	char *at = head->bytes + 2, *end = head->bytes + (head->length < HEAD_BYTES ? head->length : HEAD_BYTES - 1);

	if (head->length < 4 || head->bytes[0] != '#' || head->bytes[1] != '!')
		return NULL;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	char *name = at;
	while (at < end && *at != ' ' && *at != '\t' && *at != '\n')
		at++;
	*at = '\0';
	return name;
}

static const Elf64_Phdr *segments_of(const struct head *head, const Elf64_Ehdr *header)
{
	uint64_t end = header->e_phoff + (uint64_t)header->e_phnum * sizeof(Elf64_Phdr);

	return end <= (uint64_t)head->length ? (const Elf64_Phdr *)(head->bytes + header->e_phoff) : NULL;
}

static enum uncontrolled inspect_elf(const struct head *head)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)head->bytes;

	if (head->bytes[EI_CLASS] != ELFCLASS64 || header->e_machine != EM_X86_64)
		return UNCONTROLLED_FOREIGN_ARCHITECTURE;
	const Elf64_Phdr *segments = segments_of(head, header);
	for (unsigned int i = 0; segments && i < header->e_phnum; i++) {
		if (segments[i].p_type != PT_INTERP)
			continue;
		if (segments[i].p_offset + segments[i].p_filesz > (uint64_t)head->length)
			return UNCONTROLLED_NONE;
		return strstr(head->bytes + segments[i].p_offset, "musl") ? UNCONTROLLED_MUSL : UNCONTROLLED_NONE;
	}
	return segments ? UNCONTROLLED_STATIC : UNCONTROLLED_NONE;
}

enum uncontrolled image_inspect(const char *path)
{
	struct head head;

	for (int level = 0; level < SCRIPT_LEVELS; level++) {
		if (!read_head(path, &head))
			return UNCONTROLLED_NONE;
		if (head.length > (long)sizeof(Elf64_Ehdr) && memcmp(head.bytes, ELFMAG, SELFMAG) == 0)
			return head.is_setuid ? UNCONTROLLED_SETUID : inspect_elf(&head);
		path = script_interpreter(&head);
		if (!path)
			return UNCONTROLLED_NONE;
	}
	return UNCONTROLLED_NONE;
}

static const char *path_variable(char **environment)
{
	for (; environment && *environment; environment++)
		if (strncmp(*environment, "PATH=", 5) == 0)
			return *environment + 5;
	return "/bin:/usr/bin";
}

const char *image_search(const char *name, char **environment, char *buffer, size_t nbytes)
{
	size_t length = strlen(name);

	if (strchr(name, '/'))
		return name;
	for (const char *at = path_variable(environment); at;) {
		const char *end = strchr(at, ':');
		size_t folder = end ? (size_t)(end - at) : strlen(at);
		if (folder + length + 2 <= nbytes) {
			memcpy(buffer, at, folder);
			buffer[folder] = '/';
			memcpy(buffer + folder + 1, name, length + 1);
			if (sys_call3(SYS_access, (long)buffer, 1, 0) == 0)
				return buffer;
		}
		at = end ? end + 1 : NULL;
	}
	return NULL;
}

#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "shared/outcome.h"

enum { SCRIPT_LEVELS = 4, LINE_BYTES = 256 };

__attribute__((format(printf, 3, 4)))
static int refuse(struct target *target, enum target_kind kind, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(target->reason, sizeof(target->reason), format, arguments);
	va_end(arguments);
	target->kind = kind;
	return kind == TARGET_MISSING || kind == TARGET_NOT_EXECUTABLE ? EXIT_USAGE : EXIT_UNCONTROLLED;
}

static bool is_runnable(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

char *target_find(const char *name)
{
	const char *folder = getenv("PATH"), *end;
	char *path;

	if (!folder)
		folder = "/bin:/usr/bin";
	for (;; folder = end + 1) {
		end = strchrnul(folder, ':');
		if (asprintf(&path, "%.*s%s%s", (int)(end - folder), folder, end > folder ? "/" : "", name) < 0)
			return NULL;
		if (is_runnable(path))
			return path;
		free(path);
		if (!*end)
			return NULL;
	}
}

static int check_file(struct target *target, const char *path)
{
	struct stat status;

	if (stat(path, &status))
		return refuse(target, errno == EACCES ? TARGET_NOT_EXECUTABLE : TARGET_MISSING, "%s: %s", path,
			strerror(errno));
	if (S_ISDIR(status.st_mode))
		return refuse(target, TARGET_NOT_EXECUTABLE, "%s is a folder, not a program", path);
	if (!S_ISREG(status.st_mode))
		return refuse(target, TARGET_NOT_EXECUTABLE, "%s is not a regular file", path);
	if (access(path, X_OK))
		return refuse(target, TARGET_NOT_EXECUTABLE, "%s is not executable (chmod +x %s)", path, path);
	return EXIT_CLEAN;
}

/* Would the kernel start it in secure mode, in which the loader ignores LD_PRELOAD? */
static const char *privilege(const char *path)
{
	struct statvfs filesystem;
	struct stat status;

	if (stat(path, &status) || (statvfs(path, &filesystem) == 0 && filesystem.f_flag & ST_NOSUID))
		return NULL;
	if (status.st_mode & S_ISUID && status.st_uid != getuid())
		return "setuid";
	if (status.st_mode & S_ISGID && status.st_mode & S_IXGRP && status.st_gid != getgid())
		return "setgid";
	if (getuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0)
		return "privileged by file capabilities";
	return NULL;
}

/* The dynamic loader's path; "" when there is none. */
static void read_loader(Elf *elf, char *loader, size_t nbytes)
{
	GElf_Phdr header;
	size_t count = 0, index, size;
	const char *raw = elf_rawfile(elf, &size);

	*loader = '\0';
	elf_getphdrnum(elf, &count);
	for (index = 0; index < count; index++) {
		if (!gelf_getphdr(elf, (int)index, &header) || header.p_type != PT_INTERP)
			continue;
		if (raw && header.p_offset < size && header.p_filesz <= size - header.p_offset &&
			header.p_filesz < nbytes)
			snprintf(loader, nbytes, "%.*s", (int)header.p_filesz, raw + header.p_offset);
	}
}

static int judge_elf(struct target *target, const char *path, Elf *elf)
{
	char loader[PATH_MAX];
	GElf_Ehdr header;

	if (!gelf_getehdr(elf, &header))
		return refuse(target, TARGET_NOT_EXECUTABLE, "%s is a damaged ELF file", path);
	if (header.e_ident[EI_CLASS] != ELFCLASS64)
		return refuse(target, TARGET_FOREIGN, "%s is a 32-bit program; race controls x86-64 programs", path);
	if (header.e_machine != EM_X86_64)
		return refuse(target, TARGET_FOREIGN, "%s is made for another architecture than x86-64", path);
	if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
		return refuse(target, TARGET_NOT_EXECUTABLE, "%s is an ELF file, but no program", path);
	read_loader(elf, loader, sizeof(loader));
	if (!*loader)
		return refuse(target, TARGET_STATIC, "%s is linked statically, so librace.so can't be loaded into it; "
			"link it dynamically to have it controlled", path);
	if (strstr(loader, "ld-musl"))
		return refuse(target, TARGET_MUSL, "%s uses musl; race controls programs that use glibc", path);
	return EXIT_CLEAN;
}

static int inspect_elf(struct target *target, const char *path, int fd)
{
	const char *how = privilege(path);
	int code;
	Elf *elf;

	if (how)
		return refuse(target, TARGET_SETUID, "%s is %s, so the system keeps librace.so out of it; "
			"explore a copy without that privilege", path, how);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!elf)
		return refuse(target, TARGET_NOT_EXECUTABLE, "%s can't be read: %s", path, elf_errmsg(-1));
	code = judge_elf(target, path, elf);
	elf_end(elf);
	return code;
}

/* The interpreter of a `#!` line, in place. */
static char *interpreter_of(char *line)
{
	char *start = line + 2 + strspn(line + 2, " \t");

	start[strcspn(start, " \t\r\n")] = '\0';
	return start;
}

static int inspect_file(struct target *target, const char *path, unsigned int level)
{
	char line[LINE_BYTES] = "";
	ssize_t length;
	int code, fd;

	code = check_file(target, path);
	if (code)
		return code;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return refuse(target, TARGET_NOT_EXECUTABLE, "%s can't be read: %s", path, strerror(errno));
	length = pread(fd, line, sizeof(line) - 1, 0);
	if (length >= SELFMAG && memcmp(line, ELFMAG, SELFMAG) == 0) {
		free(target->program);
		target->program = strdup(path);
		code = target->program ? inspect_elf(target, path, fd) : EXIT_INTERNAL;
	} else if (length > 2 && memcmp(line, "#!", 2) == 0 && level < SCRIPT_LEVELS) {
		code = inspect_file(target, interpreter_of(line), level + 1);
	} else {
		code = refuse(target, TARGET_NOT_EXECUTABLE, "%s is neither a program nor a script that begins with #!",
			path);
	}
	close(fd);
	return code;
}

int target_inspect(char *const *command, struct target *target)
{
	const char *name = command[0];

	memset(target, 0, sizeof(*target));
	target->path = strchr(name, '/') ? strdup(name) : target_find(name);
	if (target->path)
		return inspect_file(target, target->path, 0);
	target->path = strdup(name);
	if (!target->path) {
		snprintf(target->reason, sizeof(target->reason), "out of memory");
		return EXIT_INTERNAL;
	}
	if (is_runnable(name))
		return refuse(target, TARGET_MISSING, "%s is not in PATH; did you mean ./%s?", name, name);
	return refuse(target, TARGET_MISSING, "%s: command not found", *name ? name : "(empty name)");
}

void target_close(struct target *target)
{
	free(target->path);
	free(target->program);
	target->path = target->program = NULL;
}

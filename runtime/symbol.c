#include "symbol.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "shared/decimal.h"
#include "sys.h"

struct file {
	const unsigned char *bytes;
	size_t nbytes;
};

const char *symbol_program(char *buffer, size_t nbytes)
{
	long length = sys_call(SYS_readlinkat, AT_FDCWD, (long)"/proc/self/exe", (long)buffer, (long)nbytes - 1, 0, 0);

	buffer[length > 0 ? length : 0] = '\0';
	return buffer;
}

static bool map_file(const char *path, struct file *file)
{
	struct stat status;
	long fd = sys_open(path, O_RDONLY, 0);

	if (fd < 0)
		return false;
	file->bytes = NULL;
	if (sys_call3(SYS_fstat, fd, (long)&status, 0) == 0 && status.st_size > (long)sizeof(Elf64_Ehdr)) {
		file->nbytes = (size_t)status.st_size;
		file->bytes = sys_map(NULL, file->nbytes, PROT_READ, MAP_PRIVATE, (int)fd, 0);
	}
	sys_close((int)fd);
	return file->bytes != NULL;
}

/* A piece of the file, or NULL when it is not all there. */
static const void *piece(const struct file *file, uint64_t offset, uint64_t nbytes)
{
	return offset <= file->nbytes && nbytes <= file->nbytes - offset ? file->bytes + offset : NULL;
}

static uint64_t first_address(const struct file *file, const Elf64_Ehdr *header)
{
	const Elf64_Phdr *segments = piece(file, header->e_phoff, (uint64_t)header->e_phnum * sizeof *segments);
	uint64_t first = UINT64_MAX;

	for (unsigned int i = 0; segments && i < header->e_phnum; i++)
		if (segments[i].p_type == PT_LOAD && segments[i].p_vaddr < first)
			first = segments[i].p_vaddr;
	return first;
}

static const char *find_in(const struct file *file, const Elf64_Shdr *table, const Elf64_Shdr *strings, uint64_t value)
{
	const Elf64_Sym *symbols = piece(file, table->sh_offset, table->sh_size);
	const char *names = piece(file, strings->sh_offset, strings->sh_size);

	if (!symbols || !names || strings->sh_size == 0 || names[strings->sh_size - 1] != '\0')
		return NULL;
	for (uint64_t i = 0; i < table->sh_size / sizeof *symbols; i++)
		if (symbols[i].st_value == value && ELF64_ST_TYPE(symbols[i].st_info) == STT_FUNC &&
			symbols[i].st_name < strings->sh_size)
			return names + symbols[i].st_name;
	return NULL;
}

static const char *find_symbol(const struct file *file, uint64_t offset)
{
	const Elf64_Ehdr *header = piece(file, 0, sizeof *header);

	if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return NULL;
	const Elf64_Shdr *sections = piece(file, header->e_shoff, (uint64_t)header->e_shnum * sizeof *sections);
	uint64_t value = first_address(file, header) + offset;
	for (unsigned int i = 0; sections && i < header->e_shnum; i++) {
		uint32_t type = sections[i].sh_type;
		if ((type != SHT_SYMTAB && type != SHT_DYNSYM) || sections[i].sh_link >= header->e_shnum)
			continue;
		const char *name = find_in(file, &sections[i], &sections[sections[i].sh_link], value);
		if (name)
			return name;
	}
	return NULL;
}

/* The last component of an Itanium-mangled function name (_Z6workerPv, _ZN4shop6workerEPv); NULL: too involved. */
static const char *last_component(const char *name, size_t *length)
{
	const char *found = NULL;
	const char *at = name + 2;

	if (*at == 'L')
		at++;
	if (*at == 'N')
		at++;
	for (;;) {
		uint64_t count;
		size_t digits = (size_t)(decimal_read(at, NULL, &count) - at);
		if (digits == 0 || count == 0 || strlen(at + digits) < count)
			return found;
		found = at + digits;
		*length = count;
		at = found + count;
	}
}

static bool is_readable(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!(name[i] == '_' || (name[i] >= '0' && name[i] <= '9') || (name[i] >= 'a' && name[i] <= 'z') ||
			    (name[i] >= 'A' && name[i] <= 'Z')))
			return false;
	return length > 0;
}

bool symbol_function(const char *path, uint64_t offset, char *name, size_t nbytes)
{
	struct file file;
	bool found = false;

	if (!map_file(path, &file))
		return false;
	const char *symbol = find_symbol(&file, offset);
	size_t length = symbol ? strlen(symbol) : 0;
	if (symbol && strncmp(symbol, "_Z", 2) == 0)
		symbol = last_component(symbol, &length);
	else if (symbol && strncmp(symbol, "_R", 2) == 0)
		symbol = NULL;
	if (symbol && length < nbytes && is_readable(symbol, length)) {
		memcpy(name, symbol, length);
		name[length] = '\0';
		found = true;
	}
	sys_call3(SYS_munmap, (long)file.bytes, (long)file.nbytes, 0);
	return found;
}

#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "target.h"

static void note_symbol(struct target_facts *facts, const char *name, bool defined)
{
	if (defined && strcmp(name, "sqlite3_step") == 0)
		facts->own_sqlite = true;
	if (strcmp(name, "__tsan_init") == 0)
		facts->uses_tsan = true;
}

static void read_symbols(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, struct target_facts *facts)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = header->sh_entsize ? header->sh_size / header->sh_entsize : 0, index;
	const char *name;
	GElf_Sym symbol;

	for (index = 0; data && index < count; index++) {
		if (!gelf_getsym(data, (int)index, &symbol))
			continue;
		name = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (name)
			note_symbol(facts, name, symbol.st_shndx != SHN_UNDEF);
	}
}

/* Compilers leave their names there, and stripping leaves it alone. */
static void read_comment(Elf_Scn *section, struct target_facts *facts)
{
	Elf_Data *data = elf_getdata(section, NULL);

	if (data && data->d_buf && memmem(data->d_buf, data->d_size, "rustc version", strlen("rustc version")))
		facts->rust = true;
}

static void read_needed(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, struct target_facts *facts)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = header->sh_entsize ? header->sh_size / header->sh_entsize : 0, index, used;
	const char *name;
	GElf_Dyn entry;

	for (index = 0; data && index < count; index++) {
		if (!gelf_getdyn(data, (int)index, &entry) || entry.d_tag != DT_NEEDED)
			continue;
		name = elf_strptr(elf, header->sh_link, entry.d_un.d_val);
		used = strlen(facts->libraries);
		if (name)
			snprintf(facts->libraries + used, sizeof(facts->libraries) - used, "%s%s", used ? " " : "", name);
	}
}

static void read_section(Elf *elf, Elf_Scn *section, size_t names, struct target_facts *facts)
{
	GElf_Shdr header;
	const char *name;

	if (!gelf_getshdr(section, &header))
		return;
	name = elf_strptr(elf, names, header.sh_name);
	if (name && (strcmp(name, ".go.buildinfo") == 0 || strcmp(name, ".note.go.buildid") == 0))
		facts->go = true;
	if (name && strcmp(name, ".comment") == 0)
		read_comment(section, facts);
	if (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM)
		read_symbols(elf, section, &header, facts);
	if (header.sh_type == SHT_DYNAMIC)
		read_needed(elf, section, &header, facts);
}

static void read_loader(Elf *elf, struct target_facts *facts)
{
	GElf_Phdr header;
	size_t count = 0, index, size = 0;
	const char *raw = elf_rawfile(elf, &size);

	elf_getphdrnum(elf, &count);
	for (index = 0; index < count; index++)
		if (gelf_getphdr(elf, (int)index, &header) && header.p_type == PT_INTERP && raw &&
			header.p_offset < size && header.p_filesz <= size - header.p_offset &&
			header.p_filesz < sizeof(facts->loader))
			snprintf(facts->loader, sizeof(facts->loader), "%.*s", (int)header.p_filesz, raw + header.p_offset);
}

int target_examine(const char *program, struct target_facts *facts)
{
	Elf_Scn *section = NULL;
	size_t names = 0;
	int fd, result = -1;
	Elf *elf;

	memset(facts, 0, sizeof(*facts));
	fd = open(program, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF && elf_getshdrstrndx(elf, &names) == 0) {
		read_loader(elf, facts);
		while ((section = elf_nextscn(elf, section)))
			read_section(elf, section, names, facts);
		result = 0;
	}
	elf_end(elf);
	close(fd);
	return result;
}

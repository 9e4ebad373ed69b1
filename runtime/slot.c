#include "slot.h"

#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>

#include "sys.h"

enum { PAGE_BYTES = 4096 };

struct calls {
	const ElfW(Rela) *rows;
	uint64_t nrows;
	const ElfW(Sym) *symbols;
	const char *names;
};

/* glibc has added the base to these addresses. */
static struct calls calls_of(const struct link_map *library)
{
	struct calls calls = {0};

	for (const ElfW(Dyn) *dynamic = library->l_ld; dynamic->d_tag != DT_NULL; dynamic++) {
		if (dynamic->d_tag == DT_JMPREL)
			calls.rows = (const ElfW(Rela) *)dynamic->d_un.d_ptr;
		else if (dynamic->d_tag == DT_PLTRELSZ)
			calls.nrows = dynamic->d_un.d_val / sizeof *calls.rows;
		else if (dynamic->d_tag == DT_SYMTAB)
			calls.symbols = (const ElfW(Sym) *)dynamic->d_un.d_ptr;
		else if (dynamic->d_tag == DT_STRTAB)
			calls.names = (const char *)dynamic->d_un.d_ptr;
	}
	if (!calls.rows || !calls.symbols || !calls.names)
		calls.nrows = 0;
	return calls;
}

/* What was relocated for good stands on pages that are read-only by now, and remain so. */
static bool write_slot(uint64_t slot, void *function)
{
	void *page = (void *)(uintptr_t)(slot & ~(uint64_t)(PAGE_BYTES - 1));
	void **place = (void **)(uintptr_t)slot;

	if (sys_call3(SYS_mprotect, (long)page, PAGE_BYTES, PROT_READ | PROT_WRITE) < 0)
		return false;
	*place = function;
	return true;
}

bool slot_lead(void *library, const char *name, void *function)
{
	const struct link_map *map = library;
	struct calls calls = calls_of(map);

	for (uint64_t i = 0; i < calls.nrows; i++) {
		uint64_t info = calls.rows[i].r_info;
		if (ELF64_R_TYPE(info) != R_X86_64_JUMP_SLOT ||
			strcmp(calls.names + calls.symbols[ELF64_R_SYM(info)].st_name, name) != 0)
			continue;
		return write_slot(map->l_addr + calls.rows[i].r_offset, function);
	}
	return false;
}

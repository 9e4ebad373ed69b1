#include "binding.h"

#include <elf.h>
#include <link.h>
#include <sys/mman.h>

#include "control.h"
#include "region.h"
#include "sys.h"

enum { MOST_TABLES = 128, MOST_BOUND = 2048, MOST_LOOKS = 1024 };

struct range {
	uint64_t begin, end;
};

/* The slots of one module. */
struct table {
	struct range module;
	uint64_t base;
	const ElfW(Rela) *rows;
	uint32_t nrows;
};

struct bound {
	uint64_t slot, value;
};

static struct table tables[MOST_TABLES];
static uint32_t ntables;
static uint32_t napplied;

/* In memory that all executions share. */
static struct notes {
	uint32_t n, nadopted;
	struct bound bound[MOST_BOUND];
} *notes;

static const ElfW(Dyn) *dynamic_of(const struct dl_phdr_info *info, struct range *module)
{
	const ElfW(Dyn) *dynamic = NULL;

	*module = (struct range){UINT64_MAX, 0};
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uint64_t begin = info->dlpi_addr + header->p_vaddr, end = begin + header->p_memsz;
		if (header->p_type == PT_DYNAMIC)
			dynamic = (const ElfW(Dyn) *)(uintptr_t)begin;
		if (header->p_type == PT_LOAD && begin < module->begin)
			module->begin = begin;
		if (header->p_type == PT_LOAD && end > module->end)
			module->end = end;
	}
	return dynamic;
}

/* The loader has added the base to addresses in most dynamic sections, not in all. */
static const ElfW(Rela) *table_at(const struct table *table, uint64_t address)
{
	return (const ElfW(Rela) *)(uintptr_t)(address < table->module.begin ? table->base + address : address);
}

/* False: it has none, or all were bound when it was loaded. */
static bool read_dynamic(struct table *table, const ElfW(Dyn) *dynamic)
{
	uint64_t rows = 0, nbytes = 0;
	bool lazy = true;

	for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
		if (dynamic->d_tag == DT_JMPREL)
			rows = dynamic->d_un.d_ptr;
		else if (dynamic->d_tag == DT_PLTRELSZ)
			nbytes = dynamic->d_un.d_val;
		else if (dynamic->d_tag == DT_BIND_NOW || (dynamic->d_tag == DT_FLAGS && (dynamic->d_un.d_val & DF_BIND_NOW)) ||
			(dynamic->d_tag == DT_FLAGS_1 && (dynamic->d_un.d_val & DF_1_NOW)))
			lazy = false;
	}
	table->rows = table_at(table, rows);
	table->nrows = (uint32_t)(nbytes / sizeof *table->rows);
	return lazy && rows != 0 && table->nrows > 0;
}

static int visit(struct dl_phdr_info *info, size_t size, void *state)
{
	struct table *table = &tables[ntables];
	const ElfW(Dyn) *dynamic;

	(void)size;
	(void)state;
	if (ntables == MOST_TABLES)
		return 1;
	table->base = info->dlpi_addr;
	dynamic = dynamic_of(info, &table->module);
	if (!read_dynamic(table, dynamic))
		table->nrows = 0; /* its code may be what others are bound to */
	ntables++;
	return 0;
}

void binding_open(void)
{
	notes = sys_map(NULL, sizeof *notes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (notes)
		dl_iterate_phdr(visit, NULL);
}

static bool is_in(const struct range *range, uint64_t address)
{
	return address >= range->begin && address < range->end;
}

/* An unbound slot leads back into its own module. */
static bool is_bound(const struct table *table, uint64_t value)
{
	if (is_in(&table->module, value))
		return false;
	for (uint32_t i = 0; i < ntables; i++)
		if (is_in(&tables[i].module, value))
			return true;
	return false;
}

static bool is_noted(uint64_t slot)
{
	for (uint32_t i = 0; i < notes->n; i++)
		if (notes->bound[i].slot == slot)
			return true;
	return false;
}

static void learn_from(const struct table *table)
{
	for (uint32_t i = 0; i < table->nrows && notes->n < MOST_BOUND; i++) {
		uint64_t slot = table->base + table->rows[i].r_offset;
		if (ELF64_R_TYPE(table->rows[i].r_info) != R_X86_64_JUMP_SLOT)
			continue;
		uint64_t value = *(const uint64_t *)(uintptr_t)slot;
		if (is_bound(table, value) && !is_noted(slot))
			notes->bound[notes->n++] = (struct bound){slot, value};
	}
}

/* Looked at after 1, 2, 4, ... executions: what is called once in a thousand is no matter. */
void binding_learn(void)
{
	if (!notes || control->nlooks >= MOST_LOOKS)
		return;
	control->nlooks++;
	if (control->nlooks & (control->nlooks - 1))
		return;
	for (uint32_t i = 0; i < ntables; i++)
		learn_from(&tables[i]);
}

void binding_apply(void)
{
	for (; notes && napplied < notes->n; napplied++) {
		const struct bound *bound = &notes->bound[napplied];
		uint64_t *slot = (uint64_t *)(uintptr_t)bound->slot;
		if (*slot != bound->value)
			*slot = bound->value;
	}
}

void binding_adopt(void)
{
	for (; notes && notes->nadopted < notes->n; notes->nadopted++)
		region_adopt(notes->bound[notes->nadopted].slot);
}

bool binding_is_own(uint64_t address)
{
	uint64_t begin = (uint64_t)(uintptr_t)notes;

	return notes && address >= begin && address < begin + sizeof *notes;
}

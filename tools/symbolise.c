#include "symbolise.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "demangle.h"

enum { FRAMES_MOST = 16, CACHE_BUCKETS = 4096 };

/* One file, wherever it is mapped: addresses are relative to it (base 0), or absolute for ET_EXEC. */
struct image_file {
	const char *path;
	const char *name; /* base name */
	Dwfl *dwfl;
	Dwfl_Module *module; /* NULL: can't be read */
	bool absolute;       /* ET_EXEC: not relocated */
	struct image_file *next;
};

struct answer {
	struct answer *next;
	const struct image_file *file;
	uint64_t offset;
	uint32_t nframes;
	struct symbol *frames;
};

/* The name of a variable, NULL: there is none at this offset. */
struct label {
	struct label *next;
	const struct image_file *file;
	uint64_t offset;
	const char *name;
};

struct symbolise {
	const struct control *control;
	struct pool *pool;
	struct symbols symbols;
	struct image_file *files;
	/*
	 * By file and offset. Looking one up goes through the whole symbol table, and long traces ask for the same few
	 * hundred over and over.
	 */
	struct answer *answers[CACHE_BUCKETS];
	struct label *labels[CACHE_BUCKETS];
};

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
};

static void open_file(struct image_file *file)
{
	GElf_Ehdr header;
	GElf_Addr bias;
	Elf *elf;

	file->dwfl = dwfl_begin(&callbacks);
	if (!file->dwfl)
		return;
	dwfl_report_begin(file->dwfl);
	file->module = dwfl_report_elf(file->dwfl, file->name, file->path, -1, 0, false);
	dwfl_report_end(file->dwfl, NULL, NULL);
	elf = file->module ? dwfl_module_getelf(file->module, &bias) : NULL;
	if (elf && gelf_getehdr(elf, &header))
		file->absolute = header.e_type == ET_EXEC;
	else
		file->module = NULL;
}

static struct image_file *find_file(struct symbolise *symbolise, const char *path)
{
	struct image_file *file;
	const char *slash;

	for (file = symbolise->files; file; file = file->next)
		if (strcmp(file->path, path) == 0)
			return file;
	file = pool_take(symbolise->pool, sizeof(*file));
	file->path = pool_copy(symbolise->pool, path);
	slash = strrchr(file->path, '/');
	file->name = slash ? slash + 1 : file->path;
	file->next = symbolise->files;
	symbolise->files = file;
	open_file(file);
	return file;
}

enum { ANY_PROCESS = UINT16_MAX };

/* The newest image of the process that has the address. */
static const struct module *module_of(const struct control *control, uint32_t process, uint64_t address)
{
	const struct module *module, *newest = NULL;
	uint32_t index, last = control->nmodules < LIMIT_MODULES ? control->nmodules : LIMIT_MODULES - 1;

	for (index = 1; index <= last; index++) {
		module = &control->modules[index];
		if (address >= module->base && address < module->end &&
			(module->process == process || process == ANY_PROCESS) &&
			(!newest || module->image >= newest->image))
			newest = module;
	}
	return newest;
}

/* A child that never called exec has its parent's modules, and the first process those of before main: process 0's. */
static const struct module *find_module(const struct control *control, uint32_t process, uint64_t address)
{
	const struct module *module = module_of(control, process, address);
	uint32_t hops;

	for (hops = 0; !module && process != 0 && hops < LIMIT_PROCESSES; hops++) {
		process = process < LIMIT_PROCESSES ? control->world.processes[process].parent : 0;
		module = module_of(control, process, address);
	}
	return module ? module : module_of(control, ANY_PROCESS, address);
}

static const char *module_path(const struct control *control, const struct module *module)
{
	const char *path;

	if (module->path >= LIMIT_TEXT_BYTES)
		return "";
	path = control->text + module->path;
	return memchr(path, 0, LIMIT_TEXT_BYTES - module->path) ? path : "";
}

static uint64_t inside(const struct image_file *file, const struct module *module, uint64_t address)
{
	return file->absolute ? address : address - module->base;
}

static const char *die_name(Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	const char *name = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute));

	return name ? name : dwarf_diename(die);
}

static bool is_function(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
}

/* The source position of the call that was inlined. */
static void set_call_site(Dwarf_Die *inlined, Dwarf_Die *unit, struct symbol *out)
{
	Dwarf_Attribute attribute;
	Dwarf_Word line = 0, index = 0;
	Dwarf_Files *files;

	if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &line) == 0)
		out->line = (uint32_t)line;
	if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &index) == 0 &&
		dwarf_getsrcfiles(unit, &files, NULL) == 0)
		out->file = dwarf_filesrc(files, (size_t)index, NULL, NULL);
}

/*
 * Walks the scopes around the address from the inside out. Each function's line is where the next inner one was
 * called; the innermost has the line of the code itself, which the caller has put into out[0].
 */
static uint32_t expand(struct symbolise *symbolise, Dwarf_Die *unit, Dwarf_Addr address, struct symbol *out,
	uint32_t max)
{
	struct symbol position = out[0];
	Dwarf_Die *scopes = NULL, *chain = NULL;
	int nscopes = dwarf_getscopes(unit, address, &scopes), nchain = 0, index;
	uint32_t count = 0;

	if (nscopes > 0)
		nchain = dwarf_getscopes_die(&scopes[0], &chain);
	for (index = 0; index < nchain && count < max; index++) {
		if (!is_function(&chain[index]))
			continue;
		out[count] = position;
		out[count].function = demangle(symbolise->pool, die_name(&chain[index]));
		count++;
		if (dwarf_tag(&chain[index]) == DW_TAG_subprogram)
			break;
		set_call_site(&chain[index], unit, &position);
	}
	free(chain);
	free(scopes);
	return count;
}

static uint32_t look_up(struct symbolise *symbolise, const struct image_file *file, uint64_t address,
	struct symbol *out, uint32_t max)
{
	Dwfl_Line *line = dwfl_module_getsrc(file->module, address);
	Dwarf_Addr bias = 0;
	Dwarf_Die *unit = dwfl_module_addrdie(file->module, address, &bias);
	uint32_t count = 0;
	int number = 0;

	if (line) {
		out[0].file = dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL);
		out[0].line = number > 0 ? (uint32_t)number : 0;
	}
	if (unit)
		count = expand(symbolise, unit, address - bias, out, max);
	if (!count) {
		out[0].function = demangle(symbolise->pool, dwfl_module_addrname(file->module, address));
		count = 1;
	}
	return count;
}

static uint32_t bucket_of(const struct image_file *file, uint64_t offset)
{
	return (uint32_t)((offset ^ (uint64_t)(uintptr_t)file) * 0x9e3779b97f4a7c15ULL >> 52);
}

static struct answer *answer_new(struct symbolise *symbolise, const struct image_file *file, const struct module *module,
	uint64_t address)
{
	struct answer *answer = pool_take(symbolise->pool, sizeof(*answer));
	struct symbol frames[FRAMES_MOST] = {0};
	uint64_t offset = address - module->base, call = inside(file, module, address) - 1;
	uint32_t index;

	answer->file = file;
	answer->offset = offset;
	/* a return address belongs to the call before it */
	answer->nframes = file->module ? look_up(symbolise, file, call, frames, FRAMES_MOST) : 1;
	answer->frames = pool_take(symbolise->pool, answer->nframes * sizeof(*frames));
	for (index = 0; index < answer->nframes; index++) {
		answer->frames[index] = frames[index];
		answer->frames[index].module = file->name;
		answer->frames[index].offset = offset;
	}
	return answer;
}

static const struct answer *answer_of(struct symbolise *symbolise, const struct image_file *file,
	const struct module *module, uint64_t address)
{
	uint64_t offset = address - module->base;
	struct answer **bucket = &symbolise->answers[bucket_of(file, offset)], *answer;

	for (answer = *bucket; answer; answer = answer->next)
		if (answer->file == file && answer->offset == offset)
			return answer;
	answer = answer_new(symbolise, file, module, address);
	answer->next = *bucket;
	*bucket = answer;
	return answer;
}

uint32_t symbolise_frames(struct symbolise *symbolise, uint16_t process, uint64_t address, struct symbol *out,
	uint32_t max)
{
	const struct module *module = find_module(symbolise->control, process, address);
	const struct answer *answer;
	uint32_t count;

	memset(out, 0, sizeof(*out));
	if (!module) {
		out->offset = address;
		return 1;
	}
	answer = answer_of(symbolise, find_file(symbolise, module_path(symbolise->control, module)), module, address);
	count = answer->nframes < max ? answer->nframes : max;
	memcpy(out, answer->frames, count * sizeof(*out));
	return count;
}

/* The function as the symbol table has it: what the compiler inlined there changes with its options. */
static void code(void *state, uint16_t process, uint64_t address, struct symbol *out)
{
	struct symbol frames[FRAMES_MOST];
	uint32_t count = symbolise_frames(state, process, address, frames, FRAMES_MOST);

	*out = frames[0];
	out->function = frames[count - 1].function;
}

bool symbolise_is_borrowed(const char *file)
{
	static const char *const folders[] = {"/usr/include/", "/usr/lib/gcc/", "/usr/lib/llvm", "/rustc/"};
	uint32_t index;

	for (index = 0; index < sizeof(folders) / sizeof(*folders); index++)
		if (file && strncmp(file, folders[index], strlen(folders[index])) == 0)
			return true;
	return false;
}

bool symbolise_place(struct symbolise *symbolise, uint16_t process, uint64_t address, struct symbol *out)
{
	struct symbol frames[FRAMES_MOST];
	uint32_t count = symbolise_frames(symbolise, process, address, frames, FRAMES_MOST), index = 0;

	while (index + 1 < count && symbolise_is_borrowed(frames[index].file))
		index++;
	*out = frames[index];
	return out->file && !symbolise_is_borrowed(out->file);
}

static const char *name_variable(struct symbolise *symbolise, const struct image_file *file, uint64_t address)
{
	const char *name = NULL;
	GElf_Off offset = 0;
	GElf_Sym symbol;

	if (file->module)
		name = dwfl_module_addrinfo(file->module, address, &offset, &symbol, NULL, NULL, NULL);
	if (!name || !*name || GELF_ST_TYPE(symbol.st_info) != STT_OBJECT || offset >= symbol.st_size)
		return NULL;
	name = demangle(symbolise->pool, name);
	return offset ? pool_print(symbolise->pool, "%s+%llu", name, (unsigned long long)offset) :
		pool_copy(symbolise->pool, name);
}

static const char *data(void *state, uint16_t process, uint64_t address)
{
	struct symbolise *symbolise = state;
	const struct module *module = find_module(symbolise->control, process, address);

	if (!module)
		return NULL;
	uint64_t offset = address - module->base;
	const struct image_file *file = find_file(symbolise, module_path(symbolise->control, module));
	struct label **bucket = &symbolise->labels[bucket_of(file, offset)], *label;
	for (label = *bucket; label; label = label->next)
		if (label->file == file && label->offset == offset)
			return label->name;
	label = pool_take(symbolise->pool, sizeof(*label));
	*label = (struct label){*bucket, file, offset, name_variable(symbolise, file, inside(file, module, address))};
	*bucket = label;
	return label->name;
}

int symbolise_is_system(struct symbolise *symbolise, uint16_t process, uint64_t address)
{
	const struct module *module = find_module(symbolise->control, process, address);

	return module && module->flags & MODULE_SYSTEM;
}

struct symbolise *symbolise_open(const struct control *control)
{
	struct pool *pool = pool_open();
	struct symbolise *symbolise = pool_take(pool, sizeof(*symbolise));

	symbolise->pool = pool;
	symbolise->control = control;
	symbolise->symbols = (struct symbols){.state = symbolise, .code = code, .data = data};
	return symbolise;
}

const struct symbols *symbolise_symbols(struct symbolise *symbolise)
{
	return &symbolise->symbols;
}

void symbolise_close(struct symbolise *symbolise)
{
	struct image_file *file;

	if (!symbolise)
		return;
	for (file = symbolise->files; file; file = file->next)
		if (file->dwfl)
			dwfl_end(file->dwfl);
	pool_close(symbolise->pool);
}

#include "module.h"

#include <elf.h>
#include <link.h>
#include <string.h>

#include "control.h"
#include "real.h"
#include "shared/hash.h"
#include "symbol.h"

enum { GUARDED_MAX = 16, SECLUDED_MAX = 4, MACHINES_MAX = 2 };

struct range {
	uint64_t begin, end;
};

static struct range guarded[GUARDED_MAX];
static uint32_t nguarded;
static struct range secluded[SECLUDED_MAX];
static uint32_t nsecluded;
static struct range machines[MACHINES_MAX];
static uint32_t nmachines;
static uint32_t nkept;
static struct range own, loader, heap;
static uint64_t allocator; /* malloc, whoever defines it */

#define LOADER "ld-linux-x86-64"

/* Base names, up to ".so": calls from there are part of a call that was a point already. */
static const char *const guarded_names[] = {"libc", LOADER, "libgcc_s", "libunwind", "libsqlite3",
	"libpthread", "librt", "libdl", NULL};

/*
 * These take locks of their own by the hundred thousand (a bundle of certificates, the classes of a program), and call
 * nobody back under them. Where a program in Java waits for its own, its machine waits on a condition.
 */
static const char *const secluded_names[] = {"libcrypto", "libssl", "libjvm", NULL};

/* Virtual machines whose programs lock by instructions that the machine compiles, and by calls only to wait. */
static const char *const machine_names[] = {"libjvm", NULL};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_library(const char *path, const char *name)
{
	size_t length = strlen(name);
	const char *base = base_name(path);

	return strncmp(base, name, length) == 0 && strncmp(base + length, ".so", 3) == 0;
}

static struct range code_range(const struct dl_phdr_info *info)
{
	struct range range = {UINT64_MAX, 0};

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uint64_t begin = info->dlpi_addr + header->p_vaddr;
		if (header->p_type != PT_LOAD)
			continue;
		if (begin < range.begin)
			range.begin = begin;
		if (begin + header->p_memsz > range.end)
			range.end = begin + header->p_memsz;
	}
	return range;
}

static struct module *find(struct range range, uint32_t image)
{
	for (uint32_t i = 1; i <= control->nmodules; i++) {
		struct module *module = &control->modules[i];
		if (module->base == range.begin && module->end == range.end && module->process == control_process &&
			module->image == image)
			return module;
	}
	return NULL;
}

static bool is_named(const struct module *module, const char *path)
{
	return module->path != 0 && strcmp(control->text + module->path, path) == 0;
}

/* Rows of earlier executions are still there behind the last one: the next execution finds its paths among them. */
static uint32_t path_text(const struct module *row, const char *path)
{
	if (is_named(row, path))
		return row->path;
	for (uint32_t i = 1; i < LIMIT_MODULES && control->modules[i].path != 0; i++)
		if (is_named(&control->modules[i], path))
			return control->modules[i].path;
	return control_text(path, (uint32_t)strlen(path));
}

static void enter(const char *path, struct range range, uint32_t image, uint16_t flags)
{
	if (find(range, image))
		return;
	if (control->nmodules + 1 >= LIMIT_MODULES) {
		control_limit(LIMIT_ID_MODULES, 0);
		return;
	}
	struct module *module = &control->modules[control->nmodules + 1];
	*module = (struct module){
		.base = range.begin,
		.end = range.end,
		.path = path_text(module, path),
		.process = control_process,
		.flags = flags,
		.image = image,
	};
	control->nmodules++;
}

static bool is_in(const struct range *ranges, uint32_t n, uint64_t address)
{
	for (uint32_t i = 0; i < n; i++)
		if (address >= ranges[i].begin && address < ranges[i].end)
			return true;
	return false;
}

static void note(struct range *ranges, uint32_t *n, uint32_t limit, struct range range)
{
	if (!is_in(ranges, *n, range.begin) && *n < limit)
		ranges[(*n)++] = range;
}

static bool is_one_of(const char *path, const char *const *names)
{
	while (*names && !is_library(path, *names))
		names++;
	return *names != NULL;
}

static int visit(struct dl_phdr_info *info, size_t size, void *state)
{
	struct range range = code_range(info);
	uint64_t here = (uint64_t)(uintptr_t)&visit;
	const char *path = info->dlpi_name;
	uint16_t flags = 0;
	char program[512];

	(void)size;
	if (range.begin >= range.end)
		return 0;
	if (here >= range.begin && here < range.end)
		own = range;
	if (is_library(path, LOADER))
		loader = range;
	if (is_one_of(path, guarded_names)) {
		note(guarded, &nguarded, GUARDED_MAX, range);
		flags = MODULE_SYSTEM;
	} else if (*path != '\0' && allocator >= range.begin && allocator < range.end) {
		note(guarded, &nguarded, GUARDED_MAX, range);
		heap = range;
	}
	if (is_one_of(path, secluded_names))
		note(secluded, &nsecluded, SECLUDED_MAX, range);
	if (is_one_of(path, machine_names))
		note(machines, &nmachines, MACHINES_MAX, range);
	if (*path == '\0')
		path = symbol_program(program, sizeof program);
	if (control && *path)
		enter(path, range, *(uint32_t *)state, flags);
	return 0;
}

void module_refresh(void)
{
	uint32_t image = control ? control->world.processes[control_process].image : 0;

	if (allocator == 0 && real.dlsym)
		allocator = (uint64_t)(uintptr_t)real.dlsym(NULL, "malloc");
	dl_iterate_phdr(visit, &image);
}

void module_open(void)
{
	control->nmodules = 0;
	module_refresh();
}

void module_keep(void)
{
	nkept = control->nmodules;
}

void module_forget(void)
{
	control->nmodules = nkept;
}

bool module_is_guarded(uint64_t address)
{
	/* a library that we called ends in a jump to what it calls last */
	return is_in(guarded, nguarded, address) || module_is_own(address);
}

bool module_is_secluded(uint64_t address)
{
	return is_in(secluded, nsecluded, address);
}

bool module_is_machine(uint64_t address)
{
	return is_in(machines, nmachines, address);
}

bool module_has_machine(void)
{
	return nmachines > 0;
}

bool module_is_heap(uint64_t address)
{
	return address >= heap.begin && address < heap.end;
}

bool module_same(uint64_t left, uint64_t right)
{
	for (uint32_t i = 0; i < nguarded; i++)
		if (left >= guarded[i].begin && left < guarded[i].end)
			return right >= guarded[i].begin && right < guarded[i].end;
	return false;
}

bool module_is_loader(uint64_t address)
{
	return address >= loader.begin && address < loader.end;
}

void module_own_range(uint64_t *begin, uint64_t *end)
{
	*begin = own.begin;
	*end = own.end;
}

bool module_is_own(uint64_t address)
{
	return address >= own.begin && address < own.end;
}

/* Newest first: an address range may have been reused after dlclose. */
static const struct module *module_of(uint32_t process, uint64_t address)
{
	for (uint32_t i = control->nmodules; i > 0; i--) {
		const struct module *module = &control->modules[i];
		if (module->process == process && address >= module->base && address < module->end)
			return module;
	}
	return NULL;
}

/* A child that never called exec has its parent's modules, and the first process those of before main: process 0's. */
static const struct module *module_at(uint64_t address)
{
	uint32_t process = control_process;
	const struct module *module = module_of(process, address);

	while (!module && process != 0) {
		process = control->world.processes[process].parent;
		module = module_of(process, address);
	}
	return module;
}

bool module_is_known(uint64_t address)
{
	return module_at(address) != NULL;
}

static bool is_system_path(const char *path)
{
	return strncmp(path, "/usr/lib/", 9) == 0 || strncmp(path, "/lib/", 5) == 0 || strncmp(path, "/lib64/", 7) == 0;
}

static uint64_t routine_key(const char *path, uint64_t offset)
{
	uint64_t hash = hash_text(path) ^ offset;

	return hash ? hash : 1;
}

/* Its place in the table of names; NULL: not there and no room. A free place has key 0. */
static struct routine *find_routine(uint64_t key)
{
	for (uint32_t i = 0; i < LIMIT_ROUTINES; i++)
		if (control->routines[i].key == key || control->routines[i].key == 0)
			return &control->routines[i];
	return NULL;
}

static void read_name(const char *path, uint64_t offset, char *name, size_t nbytes)
{
	if (is_system_path(path) || !symbol_function(path, offset, name, nbytes))
		memcpy(name, "thread", sizeof "thread");
}

/* Of modules from before main, as long as this process is no new image. */
static struct recent_routine *recent_of(uint64_t address)
{
	return nkept > 0 ? &control->recent_routines[address / 16 % RECENT_ROUTINES] : NULL;
}

static void keep_recent(const struct module *module, uint64_t address, const char *name)
{
	struct recent_routine *recent = recent_of(address);

	if (!recent || !module || module > &control->modules[nkept] || strlen(name) >= sizeof recent->name)
		return;
	recent->address = address;
	memcpy(recent->name, name, strlen(name) + 1);
}

static void find_name(const struct module *module, uint64_t address, char *name, size_t nbytes)
{
	const char *path = module ? control->text + module->path : "";
	uint64_t offset = module ? address - module->base : 0, key = routine_key(path, offset);
	struct routine *routine = find_routine(key);

	if (routine && routine->key == key && strlen(control->text + routine->name) < nbytes) {
		memcpy(name, control->text + routine->name, strlen(control->text + routine->name) + 1);
		return;
	}
	read_name(path, offset, name, nbytes);
	if (routine && routine->key == 0)
		*routine = (struct routine){.key = key, .name = control_text(name, (uint32_t)strlen(name))};
}

void module_function_name(uint64_t address, char *name, size_t nbytes)
{
	const struct recent_routine *recent = recent_of(address);

	if (recent && recent->address == address && strlen(recent->name) < nbytes) {
		memcpy(name, recent->name, strlen(recent->name) + 1);
		return;
	}
	const struct module *module = module_at(address);
	find_name(module, address, name, nbytes);
	keep_recent(module, address, name);
}

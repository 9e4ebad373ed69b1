/* Names for addresses: of this program, as if it were the target. */
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "tools/demangle.h"
#include "tools/symbolise.h"

enum { FRAMES = 8 };

struct pair { long left, right; };

struct pair symbolise_test_variable[4];
static struct control *control;
static uint64_t inner_address;

static void add_module(const char *path, uint64_t base, uint64_t end, uint16_t flags)
{
	struct module *module = &control->modules[++control->nmodules];

	*module = (struct module){.base = base, .end = end, .path = control->text_used, .process = 1, .flags = flags};
	strcpy(control->text + control->text_used, path);
	control->text_used += (uint32_t)strlen(path) + 1;
}

static int visit(struct dl_phdr_info *info, size_t size, void *state)
{
	uint64_t base = UINT64_MAX, end = 0;
	char path[4096] = "";
	int index;

	(void)size;
	(void)state;
	for (index = 0; index < info->dlpi_phnum; index++) {
		if (info->dlpi_phdr[index].p_type != PT_LOAD)
			continue;
		if (info->dlpi_addr + info->dlpi_phdr[index].p_vaddr < base)
			base = info->dlpi_addr + info->dlpi_phdr[index].p_vaddr;
		if (info->dlpi_addr + info->dlpi_phdr[index].p_vaddr + info->dlpi_phdr[index].p_memsz > end)
			end = info->dlpi_addr + info->dlpi_phdr[index].p_vaddr + info->dlpi_phdr[index].p_memsz;
	}
	if (*info->dlpi_name)
		strcpy(path, info->dlpi_name);
	else if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return 0;
	add_module(path, base, end, strstr(path, "libc.so") ? MODULE_SYSTEM : 0);
	return 0;
}

static int open_control(void **state)
{
	(void)state;
	control = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (control == MAP_FAILED)
		return -1;
	control->text_used = 1;
	dl_iterate_phdr(visit, NULL);
	return 0;
}

static int close_control(void **state)
{
	(void)state;
	return munmap(control, sizeof(*control));
}

/* Inlined into its caller, it returns an address within itself. */
static inline __attribute__((always_inline)) void inlined_callee(void)
{
	__asm__ volatile("lea 0(%%rip), %0" : "=r"(inner_address));
}

static __attribute__((noinline)) void outlined_caller(void)
{
	inlined_callee();
	__asm__ volatile("");
}

static void test_function(void **state)
{
	struct symbolise *symbolise = symbolise_open(control);
	struct symbol symbol;

	(void)state;
	symbols_code(symbolise_symbols(symbolise), 1, (uint64_t)(uintptr_t)test_function + 5, &symbol);
	assert_string_equal(symbol.function, "test_function");
	assert_string_equal(symbol.module, "symbolise_test");
	assert_non_null(symbol.file);
	assert_non_null(strstr(symbol.file, "symbolise_test.c"));
	assert_in_range(symbol.line, 1, 1000);
	symbolise_close(symbolise);
}

static void test_inlined(void **state)
{
	struct symbolise *symbolise = symbolise_open(control);
	struct symbol frames[FRAMES];
	uint32_t count;

	(void)state;
	outlined_caller();
	count = symbolise_frames(symbolise, 1, inner_address, frames, FRAMES);
	assert_int_equal(count, 2);
	assert_string_equal(frames[0].function, "inlined_callee");
	assert_string_equal(frames[1].function, "outlined_caller");
	assert_true(frames[0].line < frames[1].line);
	assert_int_equal(symbolise_frames(symbolise, 1, inner_address, frames, 1), 1);
	assert_string_equal(frames[0].function, "inlined_callee");
	symbolise_close(symbolise);
}

static void test_data(void **state)
{
	struct symbolise *symbolise = symbolise_open(control);
	const struct symbols *symbols = symbolise_symbols(symbolise);

	(void)state;
	assert_string_equal(symbols_data(symbols, 1, (uint64_t)(uintptr_t)symbolise_test_variable),
		"symbolise_test_variable");
	assert_string_equal(symbols_data(symbols, 1, (uint64_t)(uintptr_t)&symbolise_test_variable[1].right),
		"symbolise_test_variable+24");
	assert_null(symbols_data(symbols, 1, (uint64_t)(uintptr_t)test_data));
	assert_null(symbols_data(symbols, 1, 16));
	symbolise_close(symbolise);
}

/* A child that has not called exec has its parent's modules. */
static void test_other_process(void **state)
{
	struct symbolise *symbolise = symbolise_open(control);
	struct symbol symbol;

	(void)state;
	symbols_code(symbolise_symbols(symbolise), 7, (uint64_t)(uintptr_t)test_function + 5, &symbol);
	assert_string_equal(symbol.function, "test_function");
	symbolise_close(symbolise);
}

static void test_unknown(void **state)
{
	struct symbolise *symbolise = symbolise_open(control);
	struct symbol symbol;

	(void)state;
	symbols_code(symbolise_symbols(symbolise), 1, 0x1234, &symbol);
	assert_null(symbol.function);
	assert_null(symbol.module);
	assert_int_equal(symbol.offset, 0x1234);
	add_module("/nonexistent/file", 0x10000, 0x20000, 0);
	add_module("/dev/null", 0x30000, 0x40000, 0);
	symbols_code(symbolise_symbols(symbolise), 1, 0x10010, &symbol);
	assert_null(symbol.function);
	assert_string_equal(symbol.module, "file");
	assert_int_equal(symbol.offset, 0x10);
	assert_null(symbols_data(symbolise_symbols(symbolise), 1, 0x30010));
	symbolise_close(symbolise);
}

static void test_system(void **state)
{
	struct symbolise *symbolise = symbolise_open(control);

	(void)state;
	assert_true(symbolise_is_system(symbolise, 1, (uint64_t)(uintptr_t)gnu_get_libc_version));
	assert_false(symbolise_is_system(symbolise, 1, (uint64_t)(uintptr_t)test_system));
	symbolise_close(symbolise);
}

static void test_demangle(void **state)
{
	struct pool *pool = pool_open();
	void *library = dlopen("libstdc++.so.6", RTLD_LAZY);

	(void)state;
	assert_string_equal(demangle(pool, "main"), "main");
	assert_string_equal(demangle(pool, "_Znonsense"), "_Znonsense");
	assert_null(demangle(pool, NULL));
	if (library) {
		assert_string_equal(demangle(pool, "_ZN4shop7fulfillEi"), "shop::fulfill(int)");
		assert_string_equal(demangle(pool, "_ZN4shop7fulfill17h0123456789abcdefE"), "shop::fulfill");
		dlclose(library);
	}
	pool_close(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_function),
		cmocka_unit_test(test_inlined),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_other_process),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_system),
		cmocka_unit_test(test_demangle),
	};

	return cmocka_run_group_tests(tests, open_control, close_control);
}

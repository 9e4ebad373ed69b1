/* What can be controlled and what is refused, each with its own reason. Files are made from this program's own. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "explorer/target.h"
#include "shared/outcome.h"
#include "tools/text_file.h"

static char folder[64], path[96];
static char *program;
static size_t program_bytes;

static int enter(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/race-target-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/program", folder);
	program = text_file_read("/proc/self/exe", &program_bytes);
	return program ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	free(program);
	unlink(path);
	return rmdir(folder);
}

static void write_file(const void *bytes, size_t nbytes, mode_t mode)
{
	FILE *file;

	unlink(path);
	file = fopen(path, "w");
	assert_non_null(file);
	fwrite(bytes, 1, nbytes, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static void expect(char *name, int code, enum target_kind kind)
{
	char *const command[] = {name, NULL};
	struct target target;

	assert_int_equal(target_inspect(command, &target), code);
	assert_int_equal(target.kind, kind);
	assert_non_null(target.path);
	assert_true(code == EXIT_CLEAN ? !*target.reason : *target.reason);
	target_close(&target);
}

/* The program header of this type, in the copy. */
static Elf64_Phdr *header_of(uint32_t type)
{
	Elf64_Ehdr *head = (Elf64_Ehdr *)program;
	Elf64_Phdr *headers = (Elf64_Phdr *)(program + head->e_phoff);
	int index;

	for (index = 0; index < head->e_phnum; index++)
		if (headers[index].p_type == type)
			return &headers[index];
	fail_msg("no such program header");
	return NULL;
}

static void test_fine(void **state)
{
	char *const command[] = {(char *)"sh", (char *)"-c", (char *)"true", NULL};
	struct target target;

	(void)state;
	write_file(program, program_bytes, 0755);
	expect(path, EXIT_CLEAN, TARGET_FINE);
	assert_int_equal(target_inspect(command, &target), EXIT_CLEAN);
	assert_int_equal(*target.path, '/');
	assert_string_equal(target.path, target.program);
	target_close(&target);
}

static void test_scripts(void **state)
{
	char *const command[] = {path, NULL};
	struct target target;
	char text[256];

	(void)state;
	write_file("#!/bin/sh -e\ntrue\n", 18, 0755);
	assert_int_equal(target_inspect(command, &target), EXIT_CLEAN);
	assert_string_equal(target.path, path);
	assert_string_equal(target.program, "/bin/sh");
	target_close(&target);
	write_file("#!/nonexistent/interpreter\n", 27, 0755);
	expect(path, EXIT_USAGE, TARGET_MISSING);
	write_file("echo no interpreter\n", 20, 0755);
	expect(path, EXIT_USAGE, TARGET_NOT_EXECUTABLE);
	snprintf(text, sizeof(text), "#!%s\n", path);
	write_file(text, strlen(text), 0755);
	expect(path, EXIT_USAGE, TARGET_NOT_EXECUTABLE);
}

static void test_not_there(void **state)
{
	(void)state;
	expect((char *)"/nonexistent/program", EXIT_USAGE, TARGET_MISSING);
	expect((char *)"no-such-command-anywhere", EXIT_USAGE, TARGET_MISSING);
	expect((char *)"", EXIT_USAGE, TARGET_MISSING);
	expect(folder, EXIT_USAGE, TARGET_NOT_EXECUTABLE);
	write_file("", 0, 0755);
	expect(path, EXIT_USAGE, TARGET_NOT_EXECUTABLE);
	write_file(program, program_bytes, 0644);
	expect(path, EXIT_USAGE, TARGET_NOT_EXECUTABLE);
}

static void test_not_in_path(void **state)
{
	char *const command[] = {(char *)"program", NULL};
	struct target target;
	char before[4096];

	(void)state;
	assert_non_null(getcwd(before, sizeof(before)));
	write_file(program, program_bytes, 0755);
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(target_inspect(command, &target), EXIT_USAGE);
	assert_non_null(strstr(target.reason, "did you mean ./program?"));
	target_close(&target);
	assert_int_equal(chdir(before), 0);
}

static void test_static(void **state)
{
	(void)state;
	header_of(PT_INTERP)->p_type = PT_NULL;
	write_file(program, program_bytes, 0755);
	expect(path, EXIT_UNCONTROLLED, TARGET_STATIC);
}

static void test_musl(void **state)
{
	Elf64_Phdr *header = header_of(PT_INTERP);

	(void)state;
	assert_true(header->p_filesz > 20);
	strcpy(program + header->p_offset, "/lib/ld-musl-x86.so");
	write_file(program, program_bytes, 0755);
	expect(path, EXIT_UNCONTROLLED, TARGET_MUSL);
}

static void test_foreign(void **state)
{
	Elf64_Ehdr *head = (Elf64_Ehdr *)program;

	(void)state;
	head->e_machine = EM_AARCH64;
	write_file(program, program_bytes, 0755);
	expect(path, EXIT_UNCONTROLLED, TARGET_FOREIGN);
	head->e_machine = EM_386;
	head->e_ident[EI_CLASS] = ELFCLASS32;
	write_file(program, program_bytes, 0755);
	expect(path, EXIT_UNCONTROLLED, TARGET_FOREIGN);
}

/* Only where it really takes on another identity does the loader ignore the preload. */
static void test_setuid(void **state)
{
	(void)state;
	write_file(program, program_bytes, 04755);
	expect(path, EXIT_CLEAN, TARGET_FINE);
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(path, 12345, 0), 0);
	assert_int_equal(chmod(path, 04755), 0);
	expect(path, EXIT_UNCONTROLLED, TARGET_SETUID);
}

/* Cut anywhere, it is refused or taken, but never read beyond its end. */
static void test_damaged(void **state)
{
	static const size_t lengths[] = {4, 16, 17, 63, 64, 100, 700};
	char *const command[] = {path, NULL};
	struct target_facts facts;
	struct target target;
	size_t index;
	int code;

	(void)state;
	for (index = 0; index < sizeof(lengths) / sizeof(lengths[0]); index++) {
		write_file(program, lengths[index], 0755);
		code = target_inspect(command, &target);
		assert_true(code == EXIT_USAGE || code == EXIT_UNCONTROLLED);
		target_examine(path, &facts);
		target_close(&target);
	}
}

static void test_facts(void **state)
{
	struct target_facts facts;

	(void)state;
	write_file(program, program_bytes, 0755);
	assert_int_equal(target_examine(path, &facts), 0);
	assert_false(facts.go);
	assert_false(facts.own_sqlite);
	assert_non_null(strstr(facts.libraries, "libcmocka"));
	assert_non_null(strstr(facts.loader, "ld-linux"));
	assert_int_equal(target_examine("/dev/null", &facts), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fine, enter, leave),
		cmocka_unit_test_setup_teardown(test_scripts, enter, leave),
		cmocka_unit_test_setup_teardown(test_not_there, enter, leave),
		cmocka_unit_test_setup_teardown(test_not_in_path, enter, leave),
		cmocka_unit_test_setup_teardown(test_static, enter, leave),
		cmocka_unit_test_setup_teardown(test_musl, enter, leave),
		cmocka_unit_test_setup_teardown(test_foreign, enter, leave),
		cmocka_unit_test_setup_teardown(test_setuid, enter, leave),
		cmocka_unit_test_setup_teardown(test_damaged, enter, leave),
		cmocka_unit_test_setup_teardown(test_facts, enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "explorer/fingerprint.h"

/* Functions by address / 256; what is below is where in the function. */
static const char *const functions[] = {NULL, "fulfill", "refund", "fulfill.constprop.0", "fulfill.cold"};

static void code(void *state, uint16_t process, uint64_t address, struct symbol *out)
{
	(void)process;
	out->module = state;
	out->function = functions[address / 256];
	out->line = (uint32_t)address;
	out->offset = address;
}

static uint64_t fingerprint(
	const char *kind, const char *class, const char *subject, const uint64_t *pcs, uint32_t npcs)
{
	struct symbols symbols = {.state = (void *)"shop", .code = code};
	struct finding *finding = finding_new(kind);

	if (class != NULL)
		finding_set_class(finding, class);
	if (subject != NULL)
		finding_set_subject(finding, subject);
	finding_set_message(finding, "message of %s %u", kind, npcs);
	finding->places = calloc(npcs + 1, sizeof *finding->places);
	finding->places_capacity = npcs + 1;
	for (uint32_t i = 0; i < npcs; i++)
		finding->places[finding->nplaces++] =
			(struct finding_place){.task = (uint16_t)(i + 2), .step = 7 + i, .npcs = 1, .pcs = {pcs[i]}};
	uint64_t hash = fingerprint_of(finding, &symbols);
	finding_close(finding);
	return hash;
}

static uint64_t of_places(uint64_t first, uint64_t second)
{
	const uint64_t pcs[] = {first, second};

	return fingerprint("serializability", "double effect", "orders", pcs, 2);
}

static void test_fits_eight_digits(void **state)
{
	(void)state;
	uint64_t hash = of_places(0x100, 0x200);
	assert_true(hash != 0 && hash <= 0xffffffff);
}

static void test_addresses_lines_and_order_do_not_matter(void **state)
{
	(void)state;
	assert_int_equal(of_places(0x100, 0x200), of_places(0x110, 0x2ff));
	assert_int_equal(of_places(0x100, 0x200), of_places(0x200, 0x100));
}

static void test_functions_matter(void **state)
{
	(void)state;
	assert_int_not_equal(of_places(0x100, 0x200), of_places(0x100, 0x100));
	assert_int_not_equal(of_places(0x100, 0x100), of_places(0x200, 0x200));
}

/* How many tasks were in the same function does not. */
static void test_number_of_equal_places_does_not_matter(void **state)
{
	(void)state;
	const uint64_t pcs[] = {0x100, 0x110, 0x120};
	assert_int_equal(
		fingerprint("deadlock", NULL, "mutex", pcs, 3), fingerprint("deadlock", NULL, "mutex", pcs, 2));
}

static void test_copies_by_the_compiler_are_the_function(void **state)
{
	(void)state;
	assert_int_equal(of_places(0x100, 0x200), of_places(0x300, 0x200));
	assert_int_equal(of_places(0x100, 0x200), of_places(0x400, 0x200));
}

static void test_kind_class_and_subject_matter(void **state)
{
	(void)state;
	const uint64_t pcs[] = {0x100};
	uint64_t base = fingerprint("serializability", "double effect", "orders", pcs, 1);
	assert_int_not_equal(base, fingerprint("check", "double effect", "orders", pcs, 1));
	assert_int_not_equal(base, fingerprint("serializability", "lost update", "orders", pcs, 1));
	assert_int_not_equal(base, fingerprint("serializability", "double effect", "refunds", pcs, 1));
	assert_int_not_equal(base, fingerprint("serializability", "double effect", NULL, pcs, 1));
}

static void test_without_symbols_or_places(void **state)
{
	(void)state;
	struct finding *finding = finding_new("exit");
	assert_int_not_equal(fingerprint_of(finding, NULL), 0);
	assert_int_equal(fingerprint_of(finding, NULL), fingerprint_of(finding, NULL));
	finding_close(finding);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fits_eight_digits),
		cmocka_unit_test(test_addresses_lines_and_order_do_not_matter),
		cmocka_unit_test(test_functions_matter),
		cmocka_unit_test(test_number_of_equal_places_does_not_matter),
		cmocka_unit_test(test_copies_by_the_compiler_are_the_function),
		cmocka_unit_test(test_kind_class_and_subject_matter),
		cmocka_unit_test(test_without_symbols_or_places),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

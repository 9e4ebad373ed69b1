/*
 * Which operations commute.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "shared/dependence.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct row {
	struct request left, right;
	bool dependent;
};

#define REQUEST(op_, object_, second_) \
	{ \
		.op = OP_##op_, .object = object_, .second = second_ \
	}
#define STATEMENT(op_, object_, statement_) \
	{ \
		.op = OP_##op_, .object = object_, .statement = statement_ \
	}

static const struct row rows[] = {
	/* one object, another object, none */
	{REQUEST(MUTEX_LOCK, 5, 0), REQUEST(MUTEX_LOCK, 5, 0), true},
	{REQUEST(MUTEX_LOCK, 5, 0), REQUEST(MUTEX_UNLOCK, 5, 0), true},
	{REQUEST(MUTEX_LOCK, 5, 0), REQUEST(MUTEX_LOCK, 6, 0), false},
	{REQUEST(MUTEX_LOCK, 0, 0), REQUEST(MUTEX_LOCK, 0, 0), false},
	{REQUEST(SEM_GETVALUE, 5, 0), REQUEST(SEM_GETVALUE, 5, 0), false},
	{REQUEST(SEM_GETVALUE, 5, 0), REQUEST(SEM_POST, 5, 0), true},
	/* second objects */
	{REQUEST(COND_WAIT, 7, 5), REQUEST(MUTEX_LOCK, 5, 0), true},
	{REQUEST(COND_WAKE, 7, 5), REQUEST(COND_WAKE, 8, 5), true},
	{REQUEST(COND_WAIT, 7, 5), REQUEST(COND_SIGNAL, 7, 0), true},
	{REQUEST(COND_WAIT, 7, 5), REQUEST(COND_WAIT, 8, 6), false},
	/* tasks: their own operations share their object */
	{REQUEST(JOIN, 3, 0), REQUEST(EXIT, 3, 0), true},
	{REQUEST(JOIN, 3, 0), REQUEST(EXIT, 4, 0), false},
	{REQUEST(CREATE, 0, 0), REQUEST(CREATE, 0, 0), false},
	{REQUEST(CREATE, 0, 0), REQUEST(EXIT, 4, 0), false},
	{REQUEST(BEGIN, 3, 0), REQUEST(KILL, 3, 0), true},
	{REQUEST(BEGIN, 3, 0), REQUEST(BEGIN, 4, 0), false},
	{REQUEST(EXIT, 3, 9), REQUEST(MUTEX_LOCK, 9, 0), true}, /* gives a robust mutex back */
	/* cancellations and signals end waits, whoever waits */
	{REQUEST(CANCEL, 3, 0), {.op = OP_SEM_WAIT, .object = 5, .flags = REQUEST_CANCEL}, true},
	{{.op = OP_SLEEP, .flags = REQUEST_INTERRUPT}, REQUEST(KILL, 3, 0), true},
	{REQUEST(CANCEL, 3, 0), REQUEST(SEM_WAIT, 5, 0), false},
	{REQUEST(CANCEL, 3, 0), {.op = OP_SEM_WAIT, .object = 5, .flags = REQUEST_INTERRUPT}, false},
	{REQUEST(CANCEL, 3, 0), REQUEST(TESTCANCEL, 3, 0), true},
	/* yielding and sleeping */
	{REQUEST(YIELD, 0, 0), REQUEST(YIELD, 0, 0), false},
	{REQUEST(SLEEP, 0, 0), REQUEST(MUTEX_LOCK, 5, 0), false},
	/* annotations are independent of everything, effects are a multiset */
	{REQUEST(EFFECT, 5, 0), REQUEST(EFFECT, 5, 0), false},
	{REQUEST(UNIT_BEGIN, 5, 0), REQUEST(UNIT_BEGIN, 5, 0), false},
	{REQUEST(UNIT_END, 0, 0), REQUEST(PROCESS_EXIT, 4, 0), false},
	{REQUEST(LABEL, 0, 0), REQUEST(EXEC, 4, 0), false},
	/* the end of a process ends its other tasks, whoever they are */
	{REQUEST(PROCESS_EXIT, 4, 0), REQUEST(MUTEX_LOCK, 5, 0), true},
	{REQUEST(YIELD, 0, 0), REQUEST(EXEC, 4, 0), true},
	/* waiting for any child, any descriptor */
	{REQUEST(WAIT, 0, 0), REQUEST(FORK, 4, 0), true},
	{REQUEST(WAIT, 4, 0), REQUEST(WAIT, 6, 0), false},
	{REQUEST(WAIT, 0, 0), REQUEST(WAIT, 6, 0), true},
	{REQUEST(FORK, 4, 0), REQUEST(FORK, 0, 0), false},
	{REQUEST(POLL, 0, 0), REQUEST(PIPE_WRITE, 6, 0), true},
	{REQUEST(POLL, 0, 0), REQUEST(POLL, 6, 0), false},
	{REQUEST(POLL, 6, 0), REQUEST(PIPE_READ, 6, 0), true},
	{REQUEST(POLL, 6, 0), REQUEST(PIPE_READ, 7, 0), false},
	/* the outside world, unless what is touched there is known and differs */
	{REQUEST(EXTERNAL, 0, 0), REQUEST(EXTERNAL, 0, 0), true},
	{REQUEST(EXTERNAL, 5, 0), REQUEST(EXTERNAL, 0, 0), true},
	{REQUEST(EXTERNAL, 5, 0), REQUEST(EXTERNAL, 5, 0), true},
	{REQUEST(EXTERNAL, 5, 0), REQUEST(EXTERNAL, 6, 0), false},
	{REQUEST(EXTERNAL, 0, 0), REQUEST(MUTEX_LOCK, 6, 0), false},
};

enum { ORDERS_READ = 1, ORDERS_WRITE, STOCK_WRITE, BEGIN, IMMEDIATE, COMMIT, UNBOUNDED, STOCK_READ, SCHEMA, SETTING };

#define TABLE(name, reads_, writes_) .ntables = 1, .tables = {{.table = name, .reads = reads_, .writes = writes_}}

static const struct statement statements[] = {
	[ORDERS_READ] = {.hash = 1, .kind = STATEMENT_READ, TABLE(77, 1, 0)},
	[ORDERS_WRITE] = {.hash = 2, .kind = STATEMENT_WRITE, TABLE(77, 1, 1)},
	[STOCK_WRITE] = {.hash = 3, .kind = STATEMENT_WRITE, TABLE(88, 0, 1)},
	[BEGIN] = {.hash = 4, .kind = STATEMENT_BEGIN},
	[IMMEDIATE] = {.hash = 5, .kind = STATEMENT_BEGIN, .flags = STATEMENT_IMMEDIATE},
	[COMMIT] = {.hash = 6, .kind = STATEMENT_COMMIT},
	[UNBOUNDED] = {.hash = 7, .kind = STATEMENT_READ, .flags = STATEMENT_UNBOUNDED},
	[STOCK_READ] = {.hash = 8, .kind = STATEMENT_READ, TABLE(88, 1, 0)},
	[SCHEMA] = {.hash = 9, .kind = STATEMENT_SCHEMA, TABLE(99, 0, 1)},
	[SETTING] = {.hash = 10, .kind = STATEMENT_SETTING},
};

static const struct row database_rows[] = {
	{STATEMENT(SQLITE_STEP, 5, ORDERS_READ), STATEMENT(SQLITE_STEP, 5, ORDERS_READ), false},
	{STATEMENT(SQLITE_STEP, 5, ORDERS_READ), STATEMENT(SQLITE_STEP, 5, ORDERS_WRITE), true},
	{STATEMENT(SQLITE_STEP, 5, ORDERS_READ), STATEMENT(SQLITE_STEP, 6, ORDERS_WRITE), false},
	{STATEMENT(SQLITE_STEP, 5, ORDERS_READ), STATEMENT(SQLITE_STEP, 5, 0), true},
	{STATEMENT(SQLITE_STEP, 5, ORDERS_READ), STATEMENT(SQLITE_STEP, 5, UNBOUNDED), true},
	/* one write lock for the whole file */
	{STATEMENT(SQLITE_STEP, 5, STOCK_WRITE), STATEMENT(SQLITE_STEP, 5, ORDERS_WRITE), true},
	{STATEMENT(SQLITE_EXEC, 5, IMMEDIATE), STATEMENT(SQLITE_EXEC, 5, IMMEDIATE), true},
	{STATEMENT(SQLITE_EXEC, 5, COMMIT), STATEMENT(SQLITE_STEP, 5, ORDERS_READ), true},
	{STATEMENT(SQLITE_EXEC, 5, SETTING), STATEMENT(SQLITE_STEP, 5, ORDERS_READ), true},
	/* a deferred BEGIN has not begun */
	{STATEMENT(SQLITE_EXEC, 5, BEGIN), STATEMENT(SQLITE_EXEC, 5, IMMEDIATE), false},
	{STATEMENT(SQLITE_EXEC, 5, BEGIN), STATEMENT(SQLITE_EXEC, 5, COMMIT), false},
	/* preparing reads the schema */
	{STATEMENT(SQLITE_PREPARE, 5, ORDERS_WRITE), STATEMENT(SQLITE_PREPARE, 5, ORDERS_WRITE), false},
	{STATEMENT(SQLITE_PREPARE, 5, ORDERS_READ), STATEMENT(SQLITE_EXEC, 5, SCHEMA), true},
	/* whoever waits for the file's locks waits for readers, too */
	{REQUEST(DB_WAIT, 5, 0), STATEMENT(SQLITE_STEP, 5, ORDERS_READ), true},
	{REQUEST(DB_WAIT, 5, 0), STATEMENT(SQLITE_RESET, 5, ORDERS_READ), true},
	{REQUEST(DB_WAIT, 5, 0), STATEMENT(SQLITE_PREPARE, 5, ORDERS_READ), false},
	{REQUEST(DB_WAIT, 5, 0), REQUEST(DB_WAIT, 5, 0), false},
	{REQUEST(SQLITE_CLOSE, 5, 0), STATEMENT(SQLITE_STEP, 5, ORDERS_READ), true},
	/* one connection used by two tasks */
	{{.op = OP_SQLITE_STEP, .object = 5, .second = 9, .statement = ORDERS_READ},
		{.op = OP_SQLITE_STEP, .object = 5, .second = 9, .statement = ORDERS_READ}, true},
};

static void check_rows(const struct row *row, size_t nrows, const struct statement *table)
{
	for (size_t i = 0; i < nrows; i++, row++) {
		if (dependence_requests(&row->left, &row->right, table) != row->dependent ||
			dependence_requests(&row->right, &row->left, table) != row->dependent)
			fail_msg("row %zu: %s and %s", i, op_info(row->left.op)->text, op_info(row->right.op)->text);
	}
}

static void test_requests(void **state)
{
	(void)state;
	check_rows(rows, COUNT(rows), NULL);
}

static void test_statements(void **state)
{
	(void)state;
	check_rows(database_rows, COUNT(database_rows), statements);
}

/* Without footprints whatever is not known to read only conflicts. */
static void test_unknown_statements(void **state)
{
	const struct request left = STATEMENT(SQLITE_STEP, 5, ORDERS_READ);
	const struct request prepare = STATEMENT(SQLITE_PREPARE, 5, ORDERS_READ);
	(void)state;
	assert_true(dependence_requests(&left, &left, NULL));
	assert_false(dependence_requests(&prepare, &prepare, NULL));
}

static bool conflict(int left, int right)
{
	bool there = dependence_footprints(&statements[left], &statements[right]);
	assert_int_equal(there, dependence_footprints(&statements[right], &statements[left]));
	return there;
}

static void test_footprints(void **state)
{
	(void)state;
	assert_false(conflict(ORDERS_READ, ORDERS_READ));
	assert_true(conflict(ORDERS_READ, ORDERS_WRITE));
	assert_true(conflict(ORDERS_WRITE, ORDERS_WRITE));
	assert_false(conflict(ORDERS_WRITE, STOCK_WRITE));
	assert_true(conflict(STOCK_WRITE, STOCK_READ));
	assert_false(conflict(ORDERS_WRITE, BEGIN));
	assert_true(conflict(ORDERS_READ, UNBOUNDED));
	assert_true(conflict(ORDERS_READ, SCHEMA));
	assert_false(conflict(COMMIT, SCHEMA));
	assert_true(dependence_footprints(NULL, &statements[BEGIN]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_statements),
		cmocka_unit_test(test_unknown_statements),
		cmocka_unit_test(test_footprints),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

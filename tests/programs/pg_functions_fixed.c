/*
 * The same with one function that looks and fulfils in one statement.
 * database: postgresql
 * race: explore --max-executions 40
 * expect: clean
 */
#define FIXED
#include "pg_functions.c"

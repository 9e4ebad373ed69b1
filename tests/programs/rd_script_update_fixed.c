/*
 * The same with one script that looks and takes.
 * database: redis
 * race: explore --max-executions 40
 * expect: clean
 */
#define FIXED
#include "rd_script_update.c"

/*
 * The same with a command that takes what it is told from whatever there is.
 * database: redis
 * race: explore --max-executions 40
 * expect: clean
 */
#define FIXED
#include "rd_pipelines.c"

/*
 * Changes are counted in the cache, and a price is put there only if the count is what it was before the price was read.
 * database: postgresql, redis
 * race: explore --max-executions 150
 * expect: clean
 */
#define FIXED
#include "pg_cache.c"

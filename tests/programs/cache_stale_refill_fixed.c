/* cache_stale_refill.c with its fix: what was read before an invalidation is not put into the cache.
 * race: explore --max-executions 200
 * expect: clean
 * race: explore --strategy dfs --max-executions 10000
 * expect: clean
 * exhausted: 2
 */
#define FIXED
#include "cache_stale_refill.c"

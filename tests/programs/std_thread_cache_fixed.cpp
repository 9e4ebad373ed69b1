/* std_thread_cache.cpp with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * exhausted: 2
 */
#define FIXED
#include "std_thread_cache.cpp"

/* plugin_deadlock.c with its fix.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 * build: -rdynamic -Wl,-rpath,$ORIGIN
 */
#define FIXED
#include "plugin_deadlock.c"

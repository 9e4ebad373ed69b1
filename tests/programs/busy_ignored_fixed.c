/* busy_ignored.c with its fix: the purchase is tried again until it is not refused.
 * race: explore --max-executions 150 -- begin
 * expect: clean
 * race: explore --max-executions 150 -- begin wal
 * expect: clean
 */
#define PATIENT
#include "lost_update.c"

/* crossed_transfers.c with its fix: who was turned away tries again.
 * race: explore --max-executions 150 -- begin
 * expect: clean
 * race: explore --max-executions 150 -- begin wal
 * expect: clean
 */
#define FIXED
#include "crossed_transfers.c"

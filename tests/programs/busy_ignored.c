/* A purchase whose transaction was rolled back because the database was busy reports success all the same.
 * race: explore --max-executions 300 -- begin
 * expect: serializability within 5
 * class: lost work
 * race: explore --max-executions 300 -- begin wal
 * expect: serializability within 5
 * class: lost work
 */
#define QUIET
#include "lost_update.c"

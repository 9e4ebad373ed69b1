/* A purchase whose transaction was rolled back because the database was busy reports success: lost work.
 * race: explore --strategy auto --max-executions 300
 * expect: serializability within 20
 * class: lost work
 */
#define WHEN_REFUSED STORE_OK
#include "lost_update_deferred.c"

/* max_number.c with another fix: a unique index refuses the second of two equal numbers, and the next one is tried.
 * race: explore --max-executions 300
 * expect: clean
 */
#define PATIENT
#define COLUMN "number INTEGER UNIQUE"
#include "max_number.c"

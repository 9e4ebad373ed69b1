/*
 * The same decisions made safe: SERIALIZABLE and another try, a guarded transition, a unique number and another try.
 * And a withdrawal that REPEATABLE READ refuses where the row has changed, with another try.
 * database: postgresql
 * time-limit: 120
 * race: explore --max-executions 12 -- on-call
 * expect: clean
 * race: explore --max-executions 12 -- refund
 * expect: clean
 * race: explore --max-executions 12 -- number
 * expect: clean
 * race: explore --max-executions 12 -- withdraw
 * expect: clean
 */
#define FIXED
#include "pg_decisions.c"

/*
 * The same with a status that is changed only once. Serial orders have the charge, the question and the webhook one after
 * the other, as far as the connection allows.
 * time-limit: 180
 * race: explore --max-executions 100 -- threads
 * expect: clean
 * race: explore --max-executions 100 -- loops
 * expect: clean
 * race: explore --max-executions 100 -- loops behind
 * expect: clean
 */
#define FIXED
#include "http_pipelined.c"

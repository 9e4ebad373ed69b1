/*
 * The fulfilment with a large note, with its check inside the statement that changes the row.
 * database: mariadb
 * time-limit: 180
 * race: explore --max-executions 60
 * expect: clean
 */
#define FIXED
#include "my_large_note.c"

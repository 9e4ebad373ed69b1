/*
 * The handlers on MariaDB, which give back last what keeps them apart.
 * database: mariadb
 * time-limit: 180
 *
 * race: explore --max-executions 100 -- commit
 * expect: clean
 *
 * race: explore --max-executions 100 -- unlock
 * expect: clean
 *
 * race: explore --max-executions 100 -- unlock-commit
 * expect: clean
 */
#define FIXED
#include "my_pooled_releases.c"

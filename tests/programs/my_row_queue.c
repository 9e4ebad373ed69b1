/*
 * Three withdrawals read the amount, then lock the order, one after the other, and write back what is left of what they
 * have read; db/row_queue.sh has them queue.
 * database: mariadb
 * race: explore
 * expect: serializability within 10
 * class: lost update
 *
 * race: explore --strategy random --no-minimize -- 4
 * expect: serializability within 10
 * class: lost update
 */
#include "my_shop.h"

#define SESSION MYSQL
#define PARAMETER "%d"
#define shop_close mysql_close
#include "row_queue.h"

/*
 * Rows of servers' tables: which units have changed one, as far as their statements name it by its primary key.
 */
#ifndef RACE_EXPLORER_ROW_H
#define RACE_EXPLORER_ROW_H

#include "db/image.h"
#include "unit.h"

/* Have units changed this row by statements that name all columns of its primary key: none, one, or two and more (2). */
uint32_t row_writers(const struct unit_list *units, const struct image_table *table, uint32_t row);

/* Does a statement of a unit say that it inserts into the table of a server? */
bool row_is_inserted(const struct unit_list *units, const char *table);

/* The row's primary key where it is one number. */
bool row_number(const struct image_table *table, uint32_t row, int64_t *number);

#endif

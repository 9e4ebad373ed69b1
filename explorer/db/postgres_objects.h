/*
 * What there is in a PostgreSQL database beside rows: functions, types, views, sequences, indexes, constraints, triggers
 * and the like, by the names that the server has for them. What an execution has made of it is dropped; what it has
 * dropped can't be put back, unless it has made something of the same name instead.
 *
 * Both are statements that make functions in the schema of the start state: the list is kept when they run; drop_new()
 * drops what is not on it, and raises an exception where something on it, or a table, is not what it was.
 */
#ifndef RACE_EXPLORER_DB_POSTGRES_OBJECTS_H
#define RACE_EXPLORER_DB_POSTGRES_OBJECTS_H

extern const char postgres_objects_sql[], postgres_drop_sql[];

#endif

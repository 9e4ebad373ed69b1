/*
 * Do all processes live that the world believes to live? One may have been killed from outside while it waited for its
 * turn; nobody notices that until nobody else can go on either.
 */
#ifndef RACE_CENSUS_H
#define RACE_CENSUS_H

#include <stdbool.h>

/* Buries the processes of the world that are dead. True: there were some. For who has the turn. */
bool census_take(void);

#endif

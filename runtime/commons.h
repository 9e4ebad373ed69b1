/*
 * Memory that the program shares with its children to be, and has mapped before main, in constructors. All children of
 * the fork server would have the same, and find there what the executions before them have left; so each gets its own,
 * with what is there in the server, where no code of the program runs any more.
 *
 * Only memory without a file: what lies in files is there from run to run without race, too.
 */
#ifndef RACE_COMMONS_H
#define RACE_COMMONS_H

/* In the server, before it has mapped such memory itself. */
void commons_find(void);

/* In a child: from now on it shares with its own children, and nobody else. Ends the process where that fails. */
void commons_part(void);

#endif

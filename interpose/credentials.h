/*
 * Users and groups, as the kernel has them: of one thread.
 */
#ifndef RACE_CREDENTIALS_H
#define RACE_CREDENTIALS_H

/* One thread is about to set its own. May end the execution on this carrier. */
void credentials_begin(void);

#endif

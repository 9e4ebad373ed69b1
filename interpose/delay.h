/*
 * What TCP holds back for a while, in the hope of more: small pieces until the ones before are acknowledged (Nagle), or
 * until it is told that they are whole (TCP_CORK, MSG_MORE). That is real time, in which virtual time stands still or
 * runs out; between tasks of ours what was sent is there.
 */
#ifndef RACE_DELAY_H
#define RACE_DELAY_H

/* Nothing that is sent on this connection between tasks is held back. */
void delay_none(int fd);

#endif

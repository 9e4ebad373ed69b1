/*
 * System calls on descriptors that are more than a row of a table (undo.c): what they leave behind is noted (opened.h),
 * and where the kernel writes into memory it is let. Each is given the call's six arguments and performs it; false: it was
 * not performed, because what it does can't be undone.
 */
#ifndef RACE_UNDO_DESCRIPTOR_H
#define RACE_UNDO_DESCRIPTOR_H

#include <stdbool.h>

bool undo_descriptor_control(const long *arguments, long *result); /* fcntl */
bool undo_descriptor_close(const long *arguments, long *result);
bool undo_descriptor_copy(const long *a, long *result);
bool undo_descriptor_duplicate(const long *arguments, long *result); /* dup2 */
bool undo_descriptor_duplicate_with(const long *arguments, long *result); /* dup3 */
bool undo_descriptor_shutdown(const long *arguments, long *result);
bool undo_descriptor_ask(const long *arguments, long *result); /* ioctl */
bool undo_descriptor_lock(const long *arguments, long *result); /* flock */
bool undo_descriptor_read(const long *arguments, long *result); /* readv */
bool undo_descriptor_receive(const long *arguments, long *result); /* recvfrom */
bool undo_descriptor_receive_message(const long *arguments, long *result); /* recvmsg */
bool undo_descriptor_accept(const long *arguments, long *result);
bool undo_descriptor_accept_with(const long *arguments, long *result); /* accept4 */
bool undo_descriptor_name(const long *arguments, long *result); /* getsockname */
bool undo_descriptor_peer(const long *arguments, long *result); /* getpeername */
bool undo_descriptor_option(const long *arguments, long *result); /* getsockopt */
bool undo_descriptor_poll(const long *arguments, long *result);
bool undo_descriptor_poll_until(const long *arguments, long *result); /* ppoll */
bool undo_descriptor_select(const long *arguments, long *result);
bool undo_descriptor_select_until(const long *arguments, long *result); /* pselect6 */
bool undo_descriptor_events(const long *arguments, long *result); /* epoll_wait */
bool undo_descriptor_events_until(const long *arguments, long *result); /* epoll_pwait */

#endif

/*
 * Scripts of Redis (EVAL and its kin), as far as the words of the command tell what they work on: the keys that they are
 * told of, and whether they only read. What else a script touches is its own business, so it may touch anything.
 */
#ifndef RACE_SESSION_SCRIPT_H
#define RACE_SESSION_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

/* Notes the keys (sqlite_statement_note) of this command, if it is a script; is it? `narguments`: words behind the first. */
bool session_script_note(const char *words, uint32_t narguments);

/* Does this text call commands that only read, each by its name? */
bool session_script_reads(const char *script);

#endif

/*
 * The program to be controlled: is it there, and can librace.so take charge of it? Looked at before it is started,
 * so that what can't work is refused with a sentence instead of failing oddly.
 *
 * Reads files only; runs nothing. ELF is read with libelf. Scripts are judged by their interpreter, to four levels.
 */
#ifndef RACE_EXPLORER_TARGET_H
#define RACE_EXPLORER_TARGET_H

#include <stdbool.h>

enum target_kind {
	TARGET_FINE,
	TARGET_MISSING,        /* no such file, or not found in PATH */
	TARGET_NOT_EXECUTABLE, /* a folder, no permission, or neither ELF nor a script with #! */
	TARGET_STATIC,         /* no dynamic loader that would preload */
	TARGET_MUSL,           /* another C library than glibc */
	TARGET_FOREIGN,        /* 32-bit, or another architecture */
	TARGET_SETUID,         /* the loader ignores LD_PRELOAD: setuid, setgid, file capabilities */
};

struct target {
	char *path;        /* what is executed: from PATH where the command has no slash */
	char *program;     /* the ELF file that comes to run: `path`, or a script's interpreter; NULL: none */
	enum target_kind kind;
	char reason[512];  /* a sentence; "" when fine */
};

/*
 * Inspects command[0]. Returns the exit code to end with: EXIT_CLEAN when it can be controlled, EXIT_USAGE when it
 * can't be executed at all, EXIT_UNCONTROLLED when it can't be controlled, EXIT_INTERNAL when memory is short. `path`
 * is never NULL then except with EXIT_INTERNAL. target_close must be called in any case.
 */
int target_inspect(char *const *command, struct target *target);

/* The first executable of this name in PATH, malloc'ed; NULL when there is none. */
char *target_find(const char *name);

/* What else is worth knowing of an ELF file. */
struct target_facts {
	bool go;            /* made by Go: its threads and locks bypass libc */
	bool rust;          /* some of it made by Rust: locks that are free are taken without a call */
	bool own_sqlite;    /* defines sqlite3_step itself instead of using the shared library */
	bool uses_tsan;     /* instrumented by -fsanitize=thread */
	char loader[256];   /* its dynamic loader, "" for none */
	char libraries[2048]; /* DT_NEEDED, separated by blanks */
};

/* -1 when the file can't be read as ELF. */
int target_examine(const char *program, struct target_facts *facts);

void target_close(struct target *target);

#endif

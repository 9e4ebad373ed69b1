/*
 * What stanzas about files by name share.
 */
#ifndef RACE_FILE_H
#define RACE_FILE_H

#include "redirect.h"
#include "written.h"

/* The genuine call on the redirected path (`target`), relative to `folder`; errno is what it leaves. */
#define REDIRECTED(folder, path, changes, call) \
	({ \
		char redirected_buffer[PATHNAME_BYTES]; \
		const char *target = redirect_path(folder, path, false, changes, redirected_buffer); \
		call_user_begin(); \
		__typeof__(call) redirected_result = (call); \
		call_user_end(); \
		redirected_result; \
	})

/*
 * The same for a call that changes what is under the path; `note` says what is to be noted of it (written.h) when it
 * returns 0 and the file is nobody's copy.
 */
#define CHANGED(folder, path, note, call) \
	({ \
		char changed_buffer[PATHNAME_BYTES]; \
		const char *target = redirect_path(folder, path, false, true, changed_buffer); \
		enum written_before before = target == (path) ? written_look(folder, path) : WRITTEN_OTHER; \
		call_user_begin(); \
		__typeof__(call) changed_result = (call); \
		call_user_end(); \
		if (changed_result == 0) \
			note(folder, path, before); \
		changed_result; \
	})

#endif

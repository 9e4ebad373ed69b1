/*
 * Files that the target made, changed or removed under their own names, as the control block has them.
 */
#ifndef RACE_EXPLORER_WRITTEN_H
#define RACE_EXPLORER_WRITTEN_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/control.h"

struct written_file {
	char path[WRITTEN_PATH_BYTES]; /* absolute */
	const char *how;               /* "created", "changed", "removed" */
};

/*
 * The next one from place *at on (0: the first), as it is on disk now; what was made and is gone again is none. False:
 * there is no more.
 */
bool written_next(const struct control *control, uint32_t *at, struct written_file *file);

/* There were more than the block has room for. */
bool written_has_more(const struct control *control);

#endif

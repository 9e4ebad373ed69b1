/*
 * Which pages of code and constants the children of the fork server use, see runtime/warm.h. Written by the children that
 * learn and by the server, one at a time.
 */
#ifndef RACE_SHARED_WARM_H
#define RACE_SHARED_WARM_H

#include <stdint.h>

enum { WARM_MAPPINGS = 256, WARM_PAGES = 65536 };

struct warm_mapping {
	uint64_t begin, end;
};

struct warm {
	uint32_t nmappings;
	struct warm_mapping mappings[WARM_MAPPINGS];
	uint64_t used[WARM_PAGES / 64]; /* a bit for each page of the mappings, one after the other */
};

#endif

#include "observation.h"

#include <stdlib.h>

static int make_room(struct image ***images, uint32_t nimages, uint32_t more)
{
	struct image **grown = realloc(*images, (nimages + more + 1UL) * sizeof *grown);

	if (!grown)
		return -1;
	*images = grown;
	return 0;
}

int observation_reserve(struct observation *observation, uint32_t more)
{
	if (make_room(&observation->images, observation->nimages, more) < 0)
		return -1;
	return make_room(&observation->marked, observation->nmarked, more);
}

void observation_close(struct observation *observation)
{
	if (!observation)
		return;
	for (uint32_t i = 0; i < observation->nimages; i++)
		image_close(observation->images[i]);
	for (uint32_t i = 0; i < observation->nmarked; i++)
		image_close(observation->marked[i]);
	free(observation->images);
	free(observation->marked);
	observation->images = observation->marked = NULL;
	observation->nimages = observation->nmarked = 0;
}

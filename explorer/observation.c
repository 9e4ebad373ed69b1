#include "observation.h"

#include <stdlib.h>

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

/* Where threads of the program allocate. */
#ifndef RACE_HEAP_H
#define RACE_HEAP_H

/* From one heap, all of them, from now on. */
void heap_share(void);

#endif

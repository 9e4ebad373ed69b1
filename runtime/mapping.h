/*
 * What is behind an address: memory of this process alone, or a place in something that other processes may map, too.
 */
#ifndef RACE_MAPPING_H
#define RACE_MAPPING_H

#include <stdint.h>

/*
 * A key of the place in shared memory (device, inode and offset, hashed), the same wherever it is mapped; 0: private
 * memory. Looked up in /proc/self/maps and remembered by page: a page that changes from private to shared memory, or
 * back, without the process starting a new program is not noticed.
 */
uint64_t mapping_key(const volatile void *address);

#endif

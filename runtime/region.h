/*
 * Regions: the private memory of this process, which can be put back as it was.
 *
 * Nothing is copied ahead. All of it is made read-only; a page is copied when it is first written, and from then on
 * counts as one that executions write: it stays writable and is put back after each. So an execution costs what it
 * writes, however much memory there is. What this file itself needs lies in shared memory, which is no region.
 *
 * Copying a page costs 75 ns, finding out that it was written 4.6 us and more, once.
 */
#ifndef RACE_REGION_H
#define RACE_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REGION_PAGE_BYTES = 4096 };

/* Finds them. False: there are too many, or no memory for the copies. Once in a process. */
bool region_open(void);

/* From now on they are read-only until written. False: the kernel did not let us; all is as before. */
bool region_protect(void);

/* A page of a region that was written for the first time? It can be written now. */
bool region_fault(uint64_t address);

/*
 * Makes these bytes writable where they lie in regions, because the kernel is going to write them: for it there is no
 * first time. False: no more pages can be kept.
 */
bool region_touch(uint64_t address, uint64_t nbytes);

/*
 * The program unmaps these bytes of a region: nobody can touch them until they are put back. False: they are not all in
 * one region, or too many pieces were hidden already.
 */
bool region_hide(uint64_t address, uint64_t nbytes);

/* All bytes are again what they were at region_protect(). Must be called from a stack that is in no region. */
void region_restore(void);

/*
 * Copies what executions write, as it is now: the number of pages, 0 when they are more than `most` or memory was
 * unmapped. region_restore_kept() puts back all bytes as they were then.
 */
uint32_t region_keep(char (*copies)[REGION_PAGE_BYTES], uint32_t most);
void region_restore_kept(const char (*copies)[REGION_PAGE_BYTES], uint32_t ncopies);

/* What this word is now it shall be from the beginning, if its page is one that executions write. */
void region_adopt(uint64_t address);

/* Everything is writable as before, for good. */
void region_release(void);

/* Pages that are put back each time. */
uint32_t region_pages(void);

#endif

/*
 * Fingerprints: what makes two findings the same one, across runs, seeds and edits elsewhere in the program.
 *
 * Hashed are the kind, the class, the object class (finding->subject), and of each place the function and the base
 * name of its module. No address, line, number or schedule is in it; the order of the places does not matter.
 */
#ifndef RACE_EXPLORER_FINGERPRINT_H
#define RACE_EXPLORER_FINGERPRINT_H

#include "finding.h"
#include "symbols.h"

/* Never 0; fits the eight hexadecimal digits of schedules and reports. Symbols may be NULL. */
uint64_t fingerprint_of(const struct finding *finding, const struct symbols *symbols);

#endif

/*
 * Writing XML and HTML: texts with everything escaped that is special there, in content and in attributes.
 */
#ifndef RACE_TOOLS_MARKUP_H
#define RACE_TOOLS_MARKUP_H

#include <stdio.h>

/* Characters that XML 1.0 has no place for (control characters, broken UTF-8) become U+FFFD. NULL writes nothing. */
void markup_text(FILE *out, const char *text);

#endif

/* Who notes it first charges; outside.sh runs it. */
#define FIXED
#include "outside_charge.c"

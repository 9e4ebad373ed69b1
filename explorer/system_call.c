#include "system_call.h"

#include <stdio.h>

static const char *const names[] = {
#include <system_call_names.h> /* made by the Makefile */
};

const char *system_call_name(long number)
{
	static char unknown[32];

	if (number >= 0 && number < (long)(sizeof names / sizeof names[0]) && names[number])
		return names[number];
	snprintf(unknown, sizeof unknown, "call %ld", number);
	return unknown;
}

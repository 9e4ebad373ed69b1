/*
 * The limit on the address space: the control block takes a large piece of it that the program knows nothing about, so
 * that much is added to what the program sets, and taken from what it reads.
 */
#include "call.h"

#include <sys/resource.h>

enum { LIBRARY_BYTES = 1 << 26 }; /* librace.so and what it loads and maps besides, generously */

static rlim_t overhead(void)
{
	return control_size() + LIBRARY_BYTES;
}

static rlim_t raised(rlim_t limit)
{
	return limit > RLIM_INFINITY - overhead() ? RLIM_INFINITY : limit + overhead();
}

static rlim_t lowered(rlim_t limit)
{
	if (limit == RLIM_INFINITY)
		return limit;
	return limit > overhead() ? limit - overhead() : 0;
}

/* What the kernel is told instead of the program's limits. */
static const struct rlimit *to_kernel(int resource, const struct rlimit *limits, struct rlimit *buffer)
{
	if (resource != RLIMIT_AS || !limits)
		return limits;
	*buffer = (struct rlimit){raised(limits->rlim_cur), raised(limits->rlim_max)};
	return buffer;
}

static void to_program(int resource, struct rlimit *limits)
{
	if (resource == RLIMIT_AS && limits)
		*limits = (struct rlimit){lowered(limits->rlim_cur), lowered(limits->rlim_max)};
}

static int result_of(int result)
{
	if (result != 0)
		self.error = errno;
	return result;
}

INTERPOSE(int, setrlimit, (__rlimit_resource_t resource, const struct rlimit *limits), (resource, limits))
{
	struct rlimit buffer;

	return result_of(genuine_setrlimit(resource, to_kernel((int)resource, limits, &buffer)));
}

INTERPOSE(int, getrlimit, (__rlimit_resource_t resource, struct rlimit *limits), (resource, limits))
{
	int result = result_of(genuine_getrlimit(resource, limits));

	if (result == 0)
		to_program((int)resource, limits);
	return result;
}

INTERPOSE(int, prlimit,
	(pid_t pid, enum __rlimit_resource resource, const struct rlimit *limits, struct rlimit *old),
	(pid, resource, limits, old))
{
	struct rlimit buffer;
	int result = result_of(genuine_prlimit(pid, resource, to_kernel((int)resource, limits, &buffer), old));

	if (result == 0)
		to_program((int)resource, old);
	return result;
}

/* The same functions under the names that programs with large files use: struct rlimit64 is struct rlimit here. */
INTERPOSE(int, setrlimit64, (__rlimit_resource_t resource, const struct rlimit64 *limits), (resource, limits))
{
	return body_setrlimit(resource, (const struct rlimit *)limits);
}

INTERPOSE(int, getrlimit64, (__rlimit_resource_t resource, struct rlimit64 *limits), (resource, limits))
{
	return body_getrlimit(resource, (struct rlimit *)limits);
}

INTERPOSE(int, prlimit64,
	(pid_t pid, enum __rlimit_resource resource, const struct rlimit64 *limits, struct rlimit64 *old),
	(pid, resource, limits, old))
{
	return body_prlimit(pid, resource, (const struct rlimit *)limits, (struct rlimit *)old);
}

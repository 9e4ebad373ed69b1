/*
 * race.h: annotations for programs that want to say more than race can see by itself.
 *
 * They cost one untaken branch and link nothing: the functions are weak references that librace.so defines. When it
 * is not loaded they do nothing. All texts are C strings and are copied. Usable from C and C++, in any thread.
 *
 *   race_unit_begin("refund");  ...  race_unit_end();     this stretch should be atomic: a request, a job
 *   race_effect("mail", "order 1");                        something left the program that can't be taken back
 *   race_check(balance >= 0, "balance never negative");    reported with its schedule when false; goes on
 *   race_label("after the cache was filled");              a remark that appears in timelines
 */
#ifndef RACE_H
#define RACE_H

#ifdef __cplusplus
extern "C" {
#endif

extern void race_annotate_unit_begin(const char *name) __attribute__((weak));
extern void race_annotate_unit_end(void) __attribute__((weak));
extern void race_annotate_effect(const char *name, const char *key) __attribute__((weak));
extern void race_annotate_check(int condition, const char *text, const char *file, int line) __attribute__((weak));
extern void race_annotate_label(const char *text) __attribute__((weak));

static inline void race_unit_begin(const char *name)
{
	if (race_annotate_unit_begin)
		race_annotate_unit_begin(name);
}

static inline void race_unit_end(void)
{
	if (race_annotate_unit_end)
		race_annotate_unit_end();
}

static inline void race_effect(const char *name, const char *key)
{
	if (race_annotate_effect)
		race_annotate_effect(name, key);
}

static inline void race_label(const char *text)
{
	if (race_annotate_label)
		race_annotate_label(text);
}

#define race_check(condition, text) \
	do { \
		if (race_annotate_check) \
			race_annotate_check(!!(condition), text, __FILE__, __LINE__); \
	} while (0)

#ifdef __cplusplus
}
#endif

#endif

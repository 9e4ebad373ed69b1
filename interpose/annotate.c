/* The annotations of race.h: no genuine function stands behind them. */
#include "annotate.h"

#include "record.h"
#include "shared/hash.h"
#include "unit.h"

bool annotation_enter(struct guard *guard, void *caller)
{
	if (control_mode != CONTROL_CONTROL || self.task == 0 || self.inside != 0)
		return false;
	guard->entered = true;
	guard->outer_error = self.error;
	guard->outer_site = self.site;
	self.inside = 1;
	self.error = errno;
	self.site = (uint64_t)(uintptr_t)caller;
	point_ensure();
	loader_settle();
	return true;
}

INTERPOSE_EXPORT void race_annotate_unit_begin(const char *name);
INTERPOSE_EXPORT void race_annotate_unit_end(void);
INTERPOSE_EXPORT void race_annotate_effect(const char *name, const char *key);
INTERPOSE_EXPORT void race_annotate_check(int condition, const char *text, const char *file, int line);
INTERPOSE_EXPORT void race_annotate_label(const char *text);

void race_annotate_unit_begin(const char *name)
{
	ANNOTATION_GUARD();
	unit_begin(name ? name : "", self.site);
}

void race_annotate_unit_end(void)
{
	ANNOTATION_GUARD();
	unit_end(self.site);
}

void race_annotate_effect(const char *name, const char *key)
{
	ANNOTATION_GUARD();
	struct request request = call_request(OP_EFFECT, object_global(OBJECT_EFFECT, hash_text(name ? name : ""), ""));
	point_announce(&request);
	unit_touches();
	point_apply();
	record_effect(self.site, name ? name : "", key ? key : "");
	point_done(0, hash_text(key ? key : ""));
}

void race_annotate_check(int condition, const char *text, const char *file, int line)
{
	ANNOTATION_GUARD();
	if (!condition)
		record_fail(FAIL_CHECK, text ? text : "", file ? file : "", (uint32_t)line, "", self.site);
}

void race_annotate_label(const char *text)
{
	ANNOTATION_GUARD();
	record_label(text ? text : "");
}

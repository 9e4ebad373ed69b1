#include "object_label.h"

#include <stdio.h>
#include <string.h>

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

static uint32_t ordinal_of(const struct trace *trace, uint32_t object)
{
	uint32_t ordinal = 0;
	for (uint32_t i = 1; i <= object; i++)
		ordinal += trace->objects[i].kind == trace->objects[object].kind;
	return ordinal;
}

static const char *task_of(const struct trace *trace, uint32_t object)
{
	for (uint32_t i = 1; i <= trace->ntasks; i++)
		if (trace->tasks[i].object == object)
			return trace->tasks[i].name;
	return NULL;
}

const char *object_label(const struct trace *trace, uint32_t object, char *buffer, size_t nbytes)
{
	uint16_t kind = object <= trace->nobjects ? trace->objects[object].kind : OBJECT_NONE;
	const char *name = NULL;
	if (object == 0 || object > trace->nobjects)
		name = "nothing";
	else if (kind == OBJECT_TASK)
		name = task_of(trace, object);
	else if ((kind == OBJECT_DATABASE || kind == OBJECT_FILE_LOCK) && trace->objects[object].name[0])
		name = base_name(trace->objects[object].name);
	if (name)
		snprintf(buffer, nbytes, "%s", name);
	else
		snprintf(buffer, nbytes, "%s#%u", object_kind_text(kind), ordinal_of(trace, object));
	return buffer;
}

const char *object_label_class(const struct trace *trace, uint32_t object)
{
	if (object == 0 || object > trace->nobjects)
		return object_kind_text(OBJECT_NONE);
	if (trace->objects[object].kind == OBJECT_DATABASE && trace->objects[object].name[0])
		return base_name(trace->objects[object].name);
	return object_kind_text(trace->objects[object].kind);
}

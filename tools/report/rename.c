#include "rename.h"

#include <ctype.h>
#include <string.h>

#include "explorer/object_label.h"
#include "phrase.h"

static bool is_word(char character)
{
	return isalnum((unsigned char)character) || character == '_' || character == '#' || character == '-';
}

/* Replaces whole words only: mutex#1 is not the beginning of mutex#12. */
static const char *replace(struct pool *pool, const char *text, const char *old, const char *new)
{
	size_t length = strlen(old), before;
	const char *at = text;

	while ((at = strstr(at, old))) {
		before = (size_t)(at - text);
		if ((before && is_word(at[-1])) || is_word(at[length])) {
			at += length;
			continue;
		}
		text = pool_print(pool, "%.*s%s%s", (int)before, text, new, at + length);
		at = text + before + strlen(new);
	}
	return text;
}

const char *rename_objects(struct pool *pool, const char *text, const struct trace *trace,
	struct symbolise *symbolise)
{
	char label[OBJECT_LABEL_BYTES];
	const char *name;
	uint32_t object;

	if (!text || !trace || !symbolise || !strchr(text, '#'))
		return text;
	for (object = 1; object <= trace->nobjects; object++) {
		object_label(trace, object, label, sizeof(label));
		if (!strchr(label, '#') || !strstr(text, label))
			continue;
		name = phrase_object(pool, trace, object, symbolise);
		if (strcmp(name, label) != 0)
			text = replace(pool, text, label, name);
	}
	return text;
}

#include "finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE_PCS = sizeof(((struct finding_place *)0)->pcs) / sizeof(uint64_t) };

bool finding_is_own_failure(const struct finding *finding)
{
	static const char *const kinds[] = {"assert", "crash", "exit", "check"};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(finding->kind, kinds[i]) == 0)
			return true;
	return false;
}

struct finding *finding_new(const char *kind)
{
	struct finding *finding = calloc(1, sizeof(*finding));
	if (finding)
		finding->kind = kind;
	return finding;
}

/* Takes ownership of `text`, which may be NULL. */
static int text_set(char **where, char *text)
{
	if (!text)
		return -1;
	free(*where);
	*where = text;
	return 0;
}

int finding_set_message(struct finding *finding, const char *format, ...)
{
	char *text = NULL;
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	return text_set(&finding->message, text);
}

int finding_set_class(struct finding *finding, const char *class)
{
	return text_set(&finding->class, strdup(class));
}

int finding_set_subject(struct finding *finding, const char *subject)
{
	return text_set(&finding->subject, strdup(subject));
}

static struct finding_place *place_new(struct finding *finding)
{
	if (finding->nplaces == finding->places_capacity) {
		uint32_t capacity = finding->places_capacity ? finding->places_capacity * 2 : 4;
		struct finding_place *places = realloc(finding->places, capacity * sizeof(*places));
		if (!places)
			return NULL;
		finding->places = places;
		finding->places_capacity = capacity;
	}
	struct finding_place *place = &finding->places[finding->nplaces];
	memset(place, 0, sizeof(*place));
	return place;
}

static int place_add(struct finding *finding, const struct trace *trace, const struct finding_site *site,
	const char *format, va_list arguments)
{
	struct finding_place *place = place_new(finding);
	if (!place || vasprintf(&place->role, format, arguments) < 0)
		return -1;
	place->task = site->task;
	place->step = site->step;
	place->npcs = site->npcs < PLACE_PCS ? site->npcs : PLACE_PCS;
	if (place->npcs) {
		memcpy(place->pcs, site->pcs, place->npcs * sizeof(*place->pcs));
	} else if (site->address) {
		place->pcs[0] = site->address;
		place->npcs = 1;
	}
	place->image_process = site->task <= trace->ntasks ? trace->tasks[site->task].process : 0;
	finding->nplaces++;
	return 0;
}

int finding_add_site(struct finding *finding, const struct trace *trace, const struct finding_site *site,
	const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int status = place_add(finding, trace, site, format, arguments);
	va_end(arguments);
	return status;
}

int finding_add_place(struct finding *finding, const struct trace *trace, uint32_t announce, uint32_t step,
	const char *format, ...)
{
	struct finding_site site = {.step = step};
	if (announce < trace->nannounces) {
		const struct trace_announce *from = &trace->announces[announce];
		site.task = from->task;
		site.npcs = from->npcs;
		site.pcs = from->pcs;
		site.address = from->request.site;
	}
	va_list arguments;
	va_start(arguments, format);
	int status = place_add(finding, trace, &site, format, arguments);
	va_end(arguments);
	return status;
}

void finding_close(struct finding *finding)
{
	if (!finding)
		return;
	for (uint32_t i = 0; i < finding->nplaces; i++)
		free(finding->places[i].role);
	free(finding->places);
	free(finding->class);
	free(finding->message);
	free(finding->subject);
	free(finding->prefix);
	free(finding->schedule_path);
	trace_close(finding->trace);
	free(finding);
}

int finding_list_add(struct finding_list *list, struct finding *finding)
{
	if (!finding)
		return -1;
	if (list->n == list->capacity) {
		uint32_t capacity = list->capacity ? list->capacity * 2 : 4;
		struct finding **items = realloc(list->items, capacity * sizeof(struct finding *));
		if (!items) {
			finding_close(finding);
			return -1;
		}
		list->items = items;
		list->capacity = capacity;
	}
	list->items[list->n++] = finding;
	return 0;
}

void finding_list_clear(struct finding_list *list)
{
	for (uint32_t i = 0; i < list->n; i++)
		finding_close(list->items[i]);
	free(list->items);
	memset(list, 0, sizeof(*list));
}

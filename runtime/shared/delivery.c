#include "delivery.h"

#include <stddef.h>

enum { SEVERAL = UINT16_MAX }; /* owner of a channel: tasks have used it */

/* Who reads what nobody has written has got it from somebody who was not seen. */
void delivery_use(struct world *world, uint32_t object, uint32_t task, bool reads)
{
	uint16_t *owner = &world->objects[object].owner;

	if (*owner == 0 && !reads)
		*owner = (uint16_t)task;
	else if (*owner != task)
		*owner = SEVERAL;
}

bool delivery_is_own(const struct world *world, uint32_t object, uint32_t task)
{
	return world->objects[object].owner == task && !(world->objects[object].flags & OBJECT_OUTSIDE);
}

static const struct delivery_source *find(const struct delivery *delivery, int fd)
{
	for (uint32_t i = 0; i < delivery->n; i++)
		if (delivery->sources[i].fd == fd)
			return &delivery->sources[i];
	return NULL;
}

void delivery_add(struct delivery *delivery, int fd, uint32_t object)
{
	if (object == 0 || delivery->n == DELIVERY_SOURCES || find(delivery, fd))
		return;
	delivery->sources[delivery->n++] = (struct delivery_source){.fd = fd, .object = object};
}

/* Holds back those that are to be, but never the last that is left. */
static void hold(struct delivery *delivery, const struct world *world, const struct delivery_question *question)
{
	uint32_t nleft = delivery->n;

	for (uint32_t i = 0; i < delivery->n && nleft > 1; i++) {
		struct delivery_source *source = &delivery->sources[i];
		if (world->objects[source->object].count >= DELIVERY_HOLDS)
			continue;
		source->held = question->ask(question, CHOICE_HOLD, source->object) != 0;
		nleft -= source->held;
	}
}

/* The one that has been passed over most often, of several the first that is not held back. */
static uint32_t find_next(const struct delivery *delivery, const struct world *world, bool fits)
{
	uint32_t next = delivery->n, most = 0;

	for (uint32_t i = 0; i < delivery->n; i++) {
		uint32_t count = fits ? 0 : world->objects[delivery->sources[i].object].count;
		if (delivery->sources[i].held || (next != delivery->n && count <= most))
			continue;
		next = i;
		most = count;
	}
	return next;
}

/* Shall another one than the next be first? */
static void choose_first(struct delivery *delivery, uint32_t next, const struct delivery_question *question)
{
	for (uint32_t i = 0; i < delivery->n; i++) {
		const struct delivery_source *source = &delivery->sources[i];
		if (i == next || source->held || question->ask(question, CHOICE_EVENT, source->object) == 0)
			continue;
		delivery->first = i + 1;
		return;
	}
}

/* What has no room comes the next time: the first goes ahead, the others are in order. */
static void hold_rest(struct delivery *delivery, uint32_t room)
{
	uint32_t ntaken = 1;

	for (uint32_t i = 0; i < delivery->n; i++)
		if (i + 1 != delivery->first)
			delivery->sources[i].held = ++ntaken > room;
}

/* Two descriptors may be of one object: its events have been passed over when those of one of them were. */
static void count(const struct delivery *delivery, struct world *world)
{
	for (uint32_t i = 0; i < delivery->n; i++) {
		uint32_t object = delivery->sources[i].object, nearlier = 0, nheld = 0;
		for (uint32_t j = 0; j < delivery->n; j++) {
			bool same = delivery->sources[j].object == object;
			nearlier += same && j < i;
			nheld += same && delivery->sources[j].held;
		}
		if (nearlier == 0)
			world->objects[object].count = nheld > 0 ? world->objects[object].count + 1 : 0;
	}
}

void delivery_decide(struct delivery *delivery, struct world *world, uint32_t room, bool ordered,
	const struct delivery_question *question)
{
	bool fits = delivery->n <= room;

	if (delivery->n == 0)
		return;
	if (fits)
		hold(delivery, world, question);
	uint32_t next = find_next(delivery, world, fits);
	bool due = !fits && world->objects[delivery->sources[next].object].count >= DELIVERY_HOLDS;
	delivery->first = fits ? 0 : next + 1;
	if (ordered && !due)
		choose_first(delivery, next, question);
	if (!fits)
		hold_rest(delivery, room);
	count(delivery, world);
}

void delivery_postpone(struct delivery *delivery)
{
	for (uint32_t i = 0; i < delivery->n; i++)
		delivery->sources[i].held = true;
}

bool delivery_is_held(const struct delivery *delivery, int fd)
{
	const struct delivery_source *source = find(delivery, fd);

	return source && source->held;
}

bool delivery_is_first(const struct delivery *delivery, int fd)
{
	return delivery->first > 0 && delivery->sources[delivery->first - 1].fd == fd;
}

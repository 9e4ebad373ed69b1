#include <errno.h>
#include <limits.h>

#include "model.h"

static uint32_t readers_of(const struct object *object)
{
	return (uint32_t)object->version;
}

static uint32_t writers_of(const struct object *object)
{
	return (uint32_t)(object->version >> 32);
}

static uint64_t length_of(const struct request *request)
{
	return request->argument & ~MODEL_NONBLOCK;
}

/* An eventfd has no ends that could close. */
static bool is_readable(const struct object *object)
{
	return object->count > 0 || (!(object->flags & OBJECT_EVENT) && writers_of(object) == 0);
}

/* Room for `nbytes` of a write that must not be split. */
static bool has_room(const struct object *object, uint64_t nbytes)
{
	return object->limit - object->count >= nbytes;
}

/* Writes of up to PIPE_BUF bytes are atomic, longer ones go on as soon as there is any room. */
static bool is_writable(const struct object *object, uint64_t nbytes)
{
	if (object->flags & OBJECT_EVENT)
		return has_room(object, nbytes);
	return readers_of(object) == 0 || has_room(object, nbytes <= PIPE_BUF ? nbytes : 1);
}

static bool poll_enabled(const struct world *world, const struct request *request)
{
	const struct object *object = &world->objects[request->object];
	if (request->object == 0)
		return world->channel_changes != request->argument;
	return ((request->argument & MODEL_READABLE) && is_readable(object)) ||
		((request->argument & MODEL_WRITABLE) && is_writable(object, 1));
}

static bool channel_enabled(const struct world *world, const struct task *task)
{
	const struct request *request = &task->pending;
	const struct object *object = &world->objects[request->object];
	switch (request->op) {
	case OP_PIPE_READ: return (request->argument & MODEL_NONBLOCK) || is_readable(object);
	case OP_PIPE_WRITE: return (request->argument & MODEL_NONBLOCK) || is_writable(object, length_of(request));
	case OP_POLL: return poll_enabled(world, request);
	default: return true;
	}
}

static int64_t read_some(struct object *object, const struct request *request)
{
	uint64_t nbytes = length_of(request);
	if (!is_readable(object))
		return -EAGAIN;
	if (object->flags & OBJECT_COUNTDOWN)
		nbytes = 1;
	else if ((object->flags & OBJECT_EVENT) || nbytes > object->count)
		nbytes = object->count;
	object->count -= (uint32_t)nbytes;
	return (int64_t)nbytes;
}

static int64_t write_some(struct object *object, const struct request *request)
{
	uint64_t nbytes = length_of(request);
	if (!(object->flags & OBJECT_EVENT) && readers_of(object) == 0)
		return -EPIPE;
	if (!is_writable(object, nbytes))
		return -EAGAIN;
	if (!has_room(object, nbytes))
		nbytes = object->limit - object->count;
	object->count += (uint32_t)nbytes;
	return (int64_t)nbytes;
}

static int64_t close_end(struct object *object, uint64_t ends)
{
	if ((ends & MODEL_READ_END) && readers_of(object) > 0)
		object->version -= 1;
	if ((ends & MODEL_WRITE_END) && writers_of(object) > 0)
		object->version -= 1ULL << 32;
	return 0;
}

static int64_t channel_apply(struct world *world, struct task *task)
{
	const struct request *request = &task->pending;
	struct object *object = &world->objects[request->object];
	if (request->op == OP_POLL)
		return 0;
	world->channel_changes++;
	switch (request->op) {
	case OP_PIPE_READ: return read_some(object, request);
	case OP_PIPE_WRITE: return write_some(object, request);
	default: return close_end(object, request->argument);
	}
}

const struct model model_channel = {channel_enabled, channel_apply, NULL};

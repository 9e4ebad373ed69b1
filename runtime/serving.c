#include "serving.h"

#include <errno.h>
#include <string.h>

#include "channel.h"
#include "control.h"
#include "record.h"
#include "self.h"
#include "task.h"

bool serving_converses(uint32_t channel)
{
	return channel != 0 && (control->world.objects[channel].flags & OBJECT_CONVERSES);
}

bool serving_converses_anywhere(void)
{
	return conversation_any(&control->world);
}

static struct conversation *conversation_on(uint32_t channel)
{
	return serving_converses(channel) ? conversation_find(&control->world, channel) : NULL;
}

static bool is_server(const struct conversation *conversation, int fd)
{
	return conversation->server != 0 && channel_identity(fd) == conversation->server;
}

uint64_t serving_unit(void)
{
	return task_self()->unit;
}

/* Where the program marks its units itself, those count. */
void serving_resume(uint64_t unit)
{
	struct task *task = task_self();

	if (task->unit == unit || control->world.nunits > 0)
		return;
	task->unit = unit;
	record_work(self.task, unit);
}

void serving_connect(uint32_t channel)
{
	struct conversation *conversation = conversation_new(&control->world, channel);

	if (!conversation) {
		control_limit(LIMIT_ID_CONVERSATIONS, self.site);
		return;
	}
	conversation->origin = serving_unit();
	control->world.objects[channel].flags |= OBJECT_CONVERSES;
}

void serving_accept(int fd, uint32_t channel)
{
	struct conversation *conversation = conversation_on(channel);

	if (conversation)
		conversation->server = channel_identity(fd);
	serving_resume(0);
}

/* Nothing more will be said. */
static void end(struct conversation *conversation)
{
	conversation_drop(&control->world, conversation);
	control->world.objects[conversation->channel].flags &= (uint16_t)~OBJECT_CONVERSES;
	memset(conversation, 0, sizeof *conversation);
}

/* The reply that begins next, or has begun, is one to the oldest request. */
static void expect(struct conversation *conversation)
{
	if (conversation->npending == 0)
		return;
	conversation->sender = conversation->pending[0].sender;
	conversation->reply.head = conversation->pending[0].head;
}

static void identify(struct conversation_request *request, const char *name)
{
	request->unit = conversation_identify(&control->world, task_self()->sender, name);
	if (request->unit == 0) {
		control_limit(LIMIT_ID_REQUESTS, self.site);
		request->is_unit = false;
		return;
	}
	record_request(request->unit, name);
}

/*
 * A request begins. The first one of a connection was caused by whatever made the client connect: an event loop may have
 * turned to something else since. Where replies have no end that is known, the client knows of one when it asks again.
 */
static void ask(struct conversation *conversation)
{
	struct world *world = &control->world;
	uint64_t cause = conversation->nrequests++ == 0 ? conversation->origin : serving_unit();

	if (conversation->reply.phase == HTTP_REST || conversation->reply.phase == HTTP_LOST)
		conversation_drop(world, conversation);
	struct conversation_request *request = conversation_begin(conversation);
	if (!request) {
		control_limit(LIMIT_ID_PIPELINED, self.site);
		return;
	}
	request->sender = request->unit = cause;
	request->is_unit = cause == 0 && world->nunits == 0;
	request->head = strncmp(conversation->request.name, "HEAD ", 5) == 0;
	if (request->is_unit)
		identify(request, conversation->request.name);
	conversation_ask(world, control_plan(), request);
	expect(conversation);
}

static void answer(struct conversation *conversation)
{
	const struct conversation_request request = conversation->pending[0];
	bool whole = request.end != UINT64_MAX;

	if (!conversation_answer(&control->world, conversation))
		return;
	if (request.state == CONVERSATION_ASKED && request.is_unit)
		record_reply(request.unit, conversation->reply.status, conversation->reply.digest,
			whole ? request.digest : conversation->request.digest,
			whole ? request.context : conversation->request.context);
	conversation->sender = request.sender;
	if (conversation->npending > 0)
		conversation->reply.head = conversation->pending[0].head;
}

static void hear(struct conversation *conversation, bool from_server, const uint8_t *bytes, size_t nbytes)
{
	struct http *http = from_server ? &conversation->reply : &conversation->request;
	uint32_t events;

	while (nbytes > 0) {
		uint32_t taken = http_take(http, bytes, nbytes < UINT32_MAX ? (uint32_t)nbytes : UINT32_MAX, &events);
		conversation->sent += from_server ? 0 : taken;
		if (!from_server && (events & HTTP_NAMED))
			ask(conversation);
		if (!from_server && (events & HTTP_DONE))
			conversation_end_request(conversation);
		if (from_server && (events & HTTP_DONE))
			answer(conversation);
		bytes += taken;
		nbytes -= taken;
	}
}

void serving_wrote(int fd, uint32_t channel, const struct iovec *vectors, size_t skipped, size_t nbytes)
{
	struct conversation *conversation = conversation_on(channel);

	if (!conversation)
		return;
	bool from_server = is_server(conversation, fd);
	for (; nbytes > 0; vectors++) {
		if (skipped >= vectors->iov_len) {
			skipped -= vectors->iov_len;
			continue;
		}
		size_t length = vectors->iov_len - skipped < nbytes ? vectors->iov_len - skipped : nbytes;
		hear(conversation, from_server, (const uint8_t *)vectors->iov_base + skipped, length);
		nbytes -= length;
		skipped = 0;
	}
}

void serving_read(int fd, uint32_t channel, int64_t result)
{
	struct conversation *conversation = result == -EAGAIN || result == -EINTR ? NULL : conversation_on(channel);

	if (!conversation)
		return;
	bool serves = is_server(conversation, fd);
	if (result > 0 && serves)
		conversation_take(&control->world, conversation, (uint64_t)result);
	if (result > 0) {
		serving_resume(serves ? conversation->unit : conversation->sender);
		return;
	}
	if (serves)
		serving_resume(0);
	else if (http_close(&conversation->reply))
		answer(conversation);
	end(conversation);
}

void serving_close(int fd, uint32_t channel)
{
	struct conversation *conversation = conversation_on(channel);

	if (conversation && is_server(conversation, fd) && conversation->reply.phase == HTTP_REST &&
		http_close(&conversation->reply))
		answer(conversation);
}

static struct conversation *served_on(int fd)
{
	uint32_t channel;
	struct conversation *conversation = channel_of(fd, &channel) == CHANNEL_INSIDE ? conversation_on(channel) : NULL;

	return conversation && is_server(conversation, fd) ? conversation : NULL;
}

bool serving_is_held(int fd)
{
	const struct conversation *conversation = control->world.book.nheld ? served_on(fd) : NULL;
	const struct conversation_request *next = conversation ? conversation_next(conversation) : NULL;

	return next && next->state == CONVERSATION_HELD;
}

static uint64_t room_on(int fd)
{
	const struct conversation *conversation = serving_converses_anywhere() ? served_on(fd) : NULL;

	return conversation ? conversation_room(conversation) : UINT64_MAX;
}

int serving_fit(int fd, const struct iovec **vectors, int nvectors, struct iovec *piece)
{
	uint64_t room = room_on(fd), used = 0;
	int n = 0;

	while (n < nvectors && (*vectors)[n].iov_len <= room - used)
		used += (*vectors)[n++].iov_len;
	if (n == nvectors || used > 0)
		return n;
	*piece = (struct iovec){(*vectors)[n].iov_base, (size_t)room};
	*vectors = piece;
	return 1;
}

bool serving_collect(int fd)
{
	struct conversation *conversation = control->world.book.nowed ? served_on(fd) : NULL;

	return conversation && conversation_collect(&control->world, conversation);
}

/* Of those who listen at a path, object.count is taken (rendezvous.c). */
bool serving_is_here(int fd, uint32_t channel)
{
	const struct conversation *conversation = conversation_on(channel);

	if (conversation)
		return is_server(conversation, fd);
	return (control->world.objects[channel].flags & OBJECT_LISTENING) && control->world.objects[channel].count == 0;
}

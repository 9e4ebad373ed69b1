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
	conversation_answer(&control->world, conversation);
	control->world.objects[conversation->channel].flags &= (uint16_t)~OBJECT_CONVERSES;
	memset(conversation, 0, sizeof *conversation);
}

/*
 * A request begins. The first one of a connection was caused by whatever made the client connect: an event loop may have
 * turned to something else since.
 */
static void ask(struct conversation *conversation)
{
	struct world *world = &control->world;
	uint64_t cause = conversation->nrequests++ == 0 ? conversation->origin : serving_unit();

	conversation_answer(world, conversation);
	conversation->sender = cause;
	conversation->unit = cause;
	conversation->is_unit = cause == 0 && world->nunits == 0;
	conversation->reply.head = strncmp(conversation->request.name, "HEAD ", 5) == 0;
	if (conversation->is_unit) {
		conversation->unit = conversation_identify(world, task_self()->sender, conversation->request.name);
		if (conversation->unit == 0) {
			control_limit(LIMIT_ID_REQUESTS, self.site);
			conversation->is_unit = false;
		} else {
			record_request(conversation->unit, conversation->request.name);
		}
	}
	conversation_ask(world, control_plan(), conversation);
}

static void answer(struct conversation *conversation)
{
	if (conversation->state == CONVERSATION_ASKED && conversation->is_unit)
		record_reply(conversation->unit, conversation->reply.status, conversation->reply.digest,
			conversation->request.digest, conversation->request.context);
	conversation_answer(&control->world, conversation);
}

static void hear(struct conversation *conversation, bool from_server, const uint8_t *bytes, size_t nbytes)
{
	struct http *http = from_server ? &conversation->reply : &conversation->request;
	uint32_t events;

	while (nbytes > 0) {
		uint32_t taken = http_take(http, bytes, nbytes < UINT32_MAX ? (uint32_t)nbytes : UINT32_MAX, &events);
		if (!from_server && (events & HTTP_NAMED))
			ask(conversation);
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

bool serving_is_held(int fd)
{
	uint32_t channel;

	if (control->world.book.nheld == 0 || channel_of(fd, &channel) != CHANNEL_INSIDE)
		return false;
	const struct conversation *conversation = conversation_on(channel);
	return conversation && conversation->state == CONVERSATION_HELD && is_server(conversation, fd);
}

/* Of those who listen at a path, object.count is taken (rendezvous.c). */
bool serving_is_here(int fd, uint32_t channel)
{
	const struct conversation *conversation = conversation_on(channel);

	if (conversation)
		return is_server(conversation, fd);
	return (control->world.objects[channel].flags & OBJECT_LISTENING) && control->world.objects[channel].count == 0;
}

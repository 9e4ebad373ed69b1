#include "readiness.h"

#include "call.h"

#include <string.h>

#include "await.h"
#include "channel.h"
#include "epoll.h"
#include "idle.h"
#include "serving.h"
#include "session_message.h"
#include "shared/post.h"
#include "signals.h"
#include "sys.h"
#include "timerfd.h"

static void add_object(struct readiness *readiness, uint32_t object)
{
	for (uint32_t i = 0; i < readiness->nobjects && i < READINESS_OBJECTS; i++)
		if (readiness->objects[i] == object)
			return;
	if (readiness->nobjects < READINESS_OBJECTS)
		readiness->objects[readiness->nobjects] = object;
	readiness->nobjects++;
}

void readiness_add(struct readiness *readiness, int fd)
{
	uint32_t object, messages;

	switch (channel_of(fd, &object)) {
	case CHANNEL_INSIDE:
		add_object(readiness, object);
		readiness->converses |= serving_converses(object);
		if (control->world.objects[object].flags & OBJECT_OUTSIDE)
			readiness->outside = true;
		break;
	case CHANNEL_OUTSIDE:
		readiness->outside = true;
		break;
	case CHANNEL_SOCKET:
		messages = session_message_source(fd);
		if (messages)
			add_object(readiness, messages);
		readiness->foreign |= messages == 0;
		readiness->outside |= session_message_is_late(fd);
		break;
	case CHANNEL_SET:
		readiness_add_all(readiness);
		readiness->foreign |= epoll_is_foreign(fd);
		break;
	case CHANNEL_TIMER:
		add_object(readiness, object);
		readiness->external.timers = true;
		break;
	default:
		break;
	}
}

void readiness_add_all(struct readiness *readiness)
{
	readiness->nobjects = READINESS_OBJECTS + 1;
	readiness->converses |= serving_converses_anywhere();
	readiness->external.timers = true;
}

static void set_request(struct readiness *readiness, int64_t span_ns)
{
	struct request *request = &readiness->external.request;

	*request = call_request(OP_POLL, 0);
	if (readiness->nobjects <= READINESS_OBJECTS) {
		request->object = readiness->objects[0];
		request->second = readiness->objects[1];
	}
	if (readiness->outside)
		request->flags |= REQUEST_OUTSIDE;
	if (span_ns > 0) {
		request->flags |= REQUEST_TIMED | await_reply(readiness->converses, (uint64_t)span_ns);
		request->deadline_ns = vclock_after((uint64_t)span_ns);
	}
}

uint32_t readiness_source(int fd)
{
	uint32_t object;

	switch (channel_of(fd, &object)) {
	case CHANNEL_INSIDE:
		return delivery_is_own(&control->world, object, self.task) ? channel_end(fd, object) : 0;
	case CHANNEL_TIMER:
		return timerfd_is_due(fd) ? object : 0;
	default:
		return 0;
	}
}

static uint32_t ask(const struct delivery_question *question, enum choice_kind kind, uint32_t object)
{
	(void)question;
	return point_choose_about(kind, object, 2, 0);
}

void readiness_decide(struct readiness *readiness, struct delivery *delivery, uint32_t room)
{
	static const struct delivery_question question = {ask};
	bool offers = !(readiness->external.request.flags & REQUEST_GUARDED);

	if (offers && (room > 0 || !readiness->looks))
		delivery_decide(delivery, &control->world, room > 0 ? room : UINT32_MAX, room > 0, &question);
}

static bool yes(struct external *external)
{
	(void)external;
	return true;
}

/* Looks once, as a step of its own where tasks can make a difference. */
static int look(struct readiness *readiness)
{
	struct external *external = &readiness->external;
	bool (*attempt)(struct external *) = external->attempt;
	bool found;

	if (readiness->nobjects > 0) {
		point_announce(&external->request);
		found = attempt(external);
		point_apply();
		point_done(found ? external->result : 0, 0);
	} else {
		found = attempt(external);
	}
	idle_try(readiness->objects[0], !found);
	if (!found && signals_is_due())
		return EINTR;
	return found ? 0 : ETIMEDOUT;
}

int readiness_wait(struct readiness *readiness, int64_t span_ns)
{
	struct external *external = &readiness->external;

	set_request(readiness, span_ns);
	readiness->looks = span_ns == 0;
	if (external->timers)
		timerfd_fire();
	if (span_ns == 0)
		return look(readiness);
	if (readiness->nobjects == 0 && external->is_ready(external)) {
		external->is_ready = yes;
		if (external->attempt(external))
			return 0;
	}
	return await_external(external, false);
}

void readiness_mask_set(struct readiness_mask *mask, const sigset_t *during)
{
	struct task *task = task_self();
	uint64_t bits;

	*mask = (struct readiness_mask){.changed = during != NULL, .before = task->signal_mask};
	if (!during)
		return;
	memcpy(&bits, during, sizeof bits);
	sys_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&bits, 0, sizeof bits, 0, 0);
	task->signal_mask = bits;
	post_admit(&control->world, task, ~bits);
}

void readiness_mask_restore(const struct readiness_mask *mask, int error)
{
	struct task *task = task_self();

	if (!mask->changed)
		return;
	if (error == EINTR && signals_is_due()) {
		call_user_begin();
		signals_deliver();
		call_user_end();
	}
	sys_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask->before, 0, sizeof mask->before, 0, 0);
	task->signal_mask = mask->before;
}

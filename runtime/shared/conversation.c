#include "conversation.h"

#include <string.h>

#include "chooser/chooser.h"
#include "hash.h"
#include "plan.h"
#include "world.h"

/* Virtual time that a held request waits for what takes time: handlers that sleep, clients that start later. */
#define PATIENCE_NS (30ULL * 1000 * 1000 * 1000)

struct conversation *conversation_find(struct world *world, uint32_t channel)
{
	for (uint32_t i = world->book.nrows; i > 0; i--)
		if (world->conversations[i].channel == channel)
			return &world->conversations[i];
	return NULL;
}

bool conversation_any(const struct world *world)
{
	for (uint32_t i = world->book.nrows; i > 0; i--)
		if (world->conversations[i].channel != 0)
			return true;
	return false;
}

struct conversation *conversation_new(struct world *world, uint32_t channel)
{
	uint32_t row = 0;
	for (uint32_t i = 1; i <= world->book.nrows && row == 0; i++)
		if (world->conversations[i].channel == 0)
			row = i;
	if (row == 0 && world->book.nrows + 1 < LIMIT_CONVERSATIONS)
		row = ++world->book.nrows;
	if (row == 0)
		return NULL;
	struct conversation *conversation = &world->conversations[row];
	memset(conversation, 0, sizeof(*conversation));
	conversation->channel = channel;
	http_init(&conversation->request, false);
	http_init(&conversation->reply, true);
	return conversation;
}

static bool is_taken(const struct world *world, uint64_t identity)
{
	for (uint32_t i = 0; i < world->book.nunits; i++)
		if (world->request_units[i] == identity)
			return true;
	return identity == 0;
}

uint64_t conversation_identify(struct world *world, uint64_t sender, const char *name)
{
	struct conversation_book *book = &world->book;
	uint64_t identity = hash_bytes(hash_text(name), &sender, sizeof(sender));
	if (book->nunits == LIMIT_REQUESTS)
		return 0;
	while (is_taken(world, identity))
		identity = hash_bytes(identity, name, 1);
	world->request_units[book->nunits++] = identity;
	return identity;
}

/* norder when the plan does not know it. */
static uint32_t place_of(const struct plan *plan, uint64_t identity)
{
	uint32_t norder = plan->norder < LIMIT_UNITS ? plan->norder : LIMIT_UNITS, place = 0;
	while (place < norder && plan->order[place] != identity)
		place++;
	return place;
}

struct conversation_request *conversation_begin(struct conversation *conversation)
{
	bool full = conversation->npending == LIMIT_PIPELINED;
	struct conversation_request *request = &conversation->pending[conversation->npending - full];
	if (full) {
		request->nmore++;
		request->end = UINT64_MAX;
		return NULL;
	}
	conversation->npending++;
	*request = (struct conversation_request){.begin = conversation->begun, .end = UINT64_MAX};
	return request;
}

void conversation_ask(struct world *world, const struct plan *plan, struct conversation_request *request)
{
	struct conversation_book *book = &world->book;
	uint32_t place = place_of(plan, request->unit);
	bool holds = request->is_unit && world->chooser == CHOOSER_SERIAL;
	request->number = ++book->nrequests;
	request->state = holds ? CONVERSATION_HELD : CONVERSATION_ASKED;
	if (!holds)
		return;
	book->nheld++;
	if (place < plan->norder && place < LIMIT_UNITS)
		book->sent |= 1ULL << place;
	book->waits_until_ns = world->now_ns + PATIENCE_NS;
}

void conversation_end_request(struct conversation *conversation)
{
	struct conversation_request *last = conversation->pending;
	conversation->begun = conversation->sent;
	if (conversation->npending == 0)
		return;
	last += conversation->npending - 1;
	if (last->end != UINT64_MAX)
		return; /* it was answered before it had ended */
	last->end = conversation->sent;
	last->digest = conversation->request.digest;
	memcpy(last->context, conversation->request.context, sizeof(last->context));
}

static void count_out(struct world *world, const struct conversation_request *request)
{
	if (request->state == CONVERSATION_HELD)
		world->book.nheld--;
	else if (request->is_unit && world->chooser == CHOOSER_SERIAL)
		world->book.nasked--;
}

bool conversation_answer(struct world *world, struct conversation *conversation)
{
	struct conversation_request *oldest = conversation->pending;
	if (conversation->npending == 0)
		return false;
	if (oldest->nmore > 0) {
		oldest->nmore--;
		return false;
	}
	count_out(world, oldest);
	conversation->npending--;
	memmove(oldest, oldest + 1, conversation->npending * sizeof(*oldest));
	return true;
}

static void owe(struct world *world, struct conversation *conversation, bool owed)
{
	world->book.nowed += (uint32_t)owed - conversation->owed;
	conversation->owed = owed;
}

void conversation_drop(struct world *world, struct conversation *conversation)
{
	for (uint32_t i = 0; i < conversation->npending; i++)
		count_out(world, &conversation->pending[i]);
	conversation->npending = 0;
	owe(world, conversation, false);
}

bool conversation_collect(struct world *world, struct conversation *conversation)
{
	bool owed = conversation->owed;
	owe(world, conversation, false);
	return owed;
}

const struct conversation_request *conversation_next(const struct conversation *conversation)
{
	for (uint32_t i = 0; i < conversation->npending; i++) {
		const struct conversation_request *request = &conversation->pending[i];
		if (conversation->taken >= request->begin && conversation->taken < request->end)
			return request;
	}
	return NULL;
}

/* What is behind the end of one request, or before the beginning of the first that is not answered, comes later. */
uint64_t conversation_room(const struct conversation *conversation)
{
	for (uint32_t i = 0; i < conversation->npending; i++) {
		const struct conversation_request *request = &conversation->pending[i];
		uint64_t stop = conversation->taken < request->begin ? request->begin : request->end;
		if (conversation->taken < stop)
			return stop == UINT64_MAX ? UINT64_MAX : stop - conversation->taken;
	}
	return UINT64_MAX;
}

void conversation_take(struct world *world, struct conversation *conversation, uint64_t nbytes)
{
	const struct conversation_request *request = conversation_next(conversation);
	uint64_t room = conversation_room(conversation);
	if (request != NULL)
		conversation->unit = request->unit;
	conversation->taken += nbytes;
	owe(world, conversation, nbytes == room && conversation->taken < conversation->sent);
}

static bool goes_before(const struct plan *plan, const struct conversation_request *left,
	const struct conversation_request *right)
{
	uint32_t left_place = place_of(plan, left->unit), right_place = place_of(plan, right->unit);
	return left_place != right_place ? left_place < right_place : left->number < right->number;
}

/* Of each conversation, only the oldest request can go. */
static struct conversation *first_held(struct world *world, const struct plan *plan)
{
	struct conversation *first = NULL;
	for (uint32_t i = 1; i <= world->book.nrows; i++) {
		struct conversation *conversation = &world->conversations[i];
		if (conversation->npending > 0 && conversation->pending[0].state == CONVERSATION_HELD &&
			(first == NULL || goes_before(plan, conversation->pending, first->pending)))
			first = conversation;
	}
	return first;
}

/* Has a request of the plan's order not been sent yet that comes before this one? */
static bool is_early(const struct world *world, const struct plan *plan, const struct conversation_request *request)
{
	uint32_t place = place_of(plan, request->unit);
	uint64_t before = place < 64 ? (1ULL << place) - 1 : ~0ULL;
	return (world->book.sent & before) != before;
}

static void let_through(struct world *world, struct conversation *conversation)
{
	conversation->pending[0].state = CONVERSATION_ASKED;
	world->book.nheld--;
	world->book.nasked++;
	world->book.waits_until_ns = world->now_ns + PATIENCE_NS;
	world->objects[conversation->channel].version++;
	world->channel_changes++;
	world->progress++;
}

bool conversation_release(struct world *world, const struct plan *plan, uint64_t deadline_ns, bool sleeps)
{
	if (world->book.nheld == 0)
		return false;
	struct conversation *first = first_held(world, plan);
	if (first == NULL)
		return false;
	bool waits = world->book.nasked > 0 || (sleeps && is_early(world, plan, first->pending));
	if (waits && deadline_ns <= world->book.waits_until_ns)
		return false;
	let_through(world, first);
	return true;
}

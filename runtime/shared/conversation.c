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

void conversation_ask(struct world *world, const struct plan *plan, struct conversation *conversation)
{
	struct conversation_book *book = &world->book;
	uint32_t place = place_of(plan, conversation->unit);
	bool holds = conversation->is_unit && world->chooser == CHOOSER_SERIAL;
	conversation->number = ++book->nrequests;
	conversation->state = holds ? CONVERSATION_HELD : CONVERSATION_ASKED;
	if (!holds)
		return;
	book->nheld++;
	if (place < plan->norder && place < LIMIT_UNITS)
		book->sent |= 1ULL << place;
	book->waits_until_ns = world->now_ns + PATIENCE_NS;
}

void conversation_answer(struct world *world, struct conversation *conversation)
{
	if (conversation->state == CONVERSATION_HELD)
		world->book.nheld--;
	else if (conversation->state == CONVERSATION_ASKED && conversation->is_unit && world->chooser == CHOOSER_SERIAL)
		world->book.nasked--;
	conversation->state = CONVERSATION_IDLE;
}

static bool goes_before(const struct plan *plan, const struct conversation *left, const struct conversation *right)
{
	uint32_t left_place = place_of(plan, left->unit), right_place = place_of(plan, right->unit);
	return left_place != right_place ? left_place < right_place : left->number < right->number;
}

static struct conversation *first_held(struct world *world, const struct plan *plan)
{
	struct conversation *first = NULL;
	for (uint32_t i = 1; i <= world->book.nrows; i++) {
		struct conversation *conversation = &world->conversations[i];
		if (conversation->channel != 0 && conversation->state == CONVERSATION_HELD &&
			(first == NULL || goes_before(plan, conversation, first)))
			first = conversation;
	}
	return first;
}

/* Has a request of the plan's order not been sent yet that comes before this one? */
static bool is_early(const struct world *world, const struct plan *plan, const struct conversation *conversation)
{
	uint32_t place = place_of(plan, conversation->unit);
	uint64_t before = place < 64 ? (1ULL << place) - 1 : ~0ULL;
	return (world->book.sent & before) != before;
}

static void let_through(struct world *world, struct conversation *conversation)
{
	conversation->state = CONVERSATION_ASKED;
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
	bool waits = world->book.nasked > 0 || (sleeps && is_early(world, plan, first));
	if (waits && deadline_ns <= world->book.waits_until_ns)
		return false;
	let_through(world, first);
	return true;
}

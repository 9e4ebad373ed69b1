#include "servers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "block.h"
#include "heirs.h"
#include "opened.h"
#include "shared/outcome.h"
#include "target.h"

/* Going from one start state to the other may cost what an execution spares that needs no process of its own, in all. */
enum { USERS = 4, FIRST_SWITCHES = 4, SPARED_NS = 30000000 };

struct user {
	struct control *control; /* the block of an execution that uses them */
	struct heirs *heirs;
	struct database_peer heard[DATABASE_PEERS]; /* as they were when their adapters heard of them last */
};

struct servers {
	uint32_t n, nusers;
	bool keep_state;
	bool reorders; /* the plan of the execution under way has PLAN_REORDER */
	struct control *later; /* whose executions begin with a state that was kept later; NULL: all with the first one */
	uint32_t nswitches;
	uint64_t switching_ns;
	struct opened items[DATABASE_PEERS];
	struct user users[USERS];
};

/* There is one start state, whoever has executions: a replay and its references share it. */
static struct servers *shared;

/* Names of servers are the first texts of the block. */
static uint32_t put_text(struct control *control, const char *text)
{
	uint32_t at = control->text_used ? control->text_used : 1, length = (uint32_t)strlen(text) + 1;

	memcpy(control->text + at, text, length);
	control->text_used = at + length;
	return at;
}

/* Tells the target where they are. */
static int attach(struct servers *servers, struct control *control)
{
	if (servers->nusers == USERS)
		return -1;
	struct heirs *heirs = heirs_open(control);
	if (!heirs)
		return -1;
	servers->users[servers->nusers] = (struct user){.heirs = heirs, .control = control};
	servers->nusers++;
	for (uint32_t i = 0; i < servers->n; i++) {
		const struct opened *opened = &servers->items[i];
		struct database_peer *peer = &control->peers[i];
		peer->name = put_text(control, opened->name);
		peer->database = put_text(control, opened->adapter->database(opened->server));
		peer->arrives = opened->arrival != NULL;
		peer->protocol = opened->adapter->protocol;
		peer->rushes = opened->adapter->has_queue != NULL;
		peer->naddress = opened->naddress;
		memcpy(peer->address, opened->address, sizeof peer->address);
	}
	control->npeers = servers->n;
	return 0;
}

static void close_all(struct servers *servers)
{
	for (uint32_t i = 0; i < servers->n; i++)
		opened_close(&servers->items[i]);
	free(servers);
}

bool servers_is_none(const char *url)
{
	return strcmp(url, "none") == 0;
}

static struct servers *open_all(const struct servers_options *options, char *reason, size_t reason_bytes, int *exit_code)
{
	struct servers *servers = calloc(1, sizeof *servers);
	struct complaint complaint = {""};

	*exit_code = EXIT_INTERNAL;
	if (!servers)
		return NULL;
	servers->keep_state = options->keep_state;
	for (const char *const *url = options->urls; url && *url; url++) {
		if (servers_is_none(*url))
			continue;
		if (servers->n == DATABASE_PEERS) {
			snprintf(complaint.text, sizeof complaint.text, "more than %d are too many", DATABASE_PEERS);
			*exit_code = EXIT_USAGE;
		} else if (opened_open(&servers->items[servers->n++], *url, options->force, &complaint, exit_code)) {
			continue;
		}
		snprintf(reason, reason_bytes, "--db: %s", complaint.text);
		close_all(servers);
		return NULL;
	}
	return servers;
}

/* libpq encrypts where the server can, unless it is told that it need not: what is encrypted can't be followed. */
const char *const *servers_variables(const struct control *control)
{
	static const char *const plain_sessions[] = {"PGSSLMODE=allow", "PGGSSENCMODE=disable", NULL};

	for (uint32_t i = 0; i < control->npeers; i++)
		if (control->peers[i].protocol == WIRE_POSTGRES)
			return plain_sessions;
	return NULL;
}

struct servers *servers_open(const struct servers_options *options, struct control *control, char *reason,
	size_t reason_bytes, int *exit_code)
{
	if (!shared)
		shared = open_all(options, reason, reason_bytes, exit_code);
	if (!shared || attach(shared, control) < 0)
		return NULL;
	return shared;
}

static struct heirs *heirs_of(struct servers *servers, const struct control *control)
{
	uint32_t user = 0;

	while (servers->users[user].control != control)
		user++;
	return servers->users[user].heirs;
}

static void hear(struct servers *servers, uint32_t index)
{
	struct opened *opened = &servers->items[index];
	uint64_t nasked = 0, nunclear = 0;

	for (uint32_t i = 0; i < servers->nusers; i++) {
		const struct database_peer *peer = &servers->users[i].control->peers[index];
		struct database_peer *heard = &servers->users[i].heard[index];
		nasked += peer->nasked - heard->nasked;
		nunclear += peer->nunclear - heard->nunclear;
		*heard = *peer;
	}
	if (opened->adapter->hear)
		opened->adapter->hear(opened->server, nasked, nunclear == 0);
}

/* What an execution has left in sessions that live on is undone before anybody looks at what it left in databases. */
static void calm(struct servers *servers)
{
	for (uint32_t i = 0; i < servers->nusers; i++)
		heirs_calm(servers->users[i].heirs);
}

static void repair(struct servers *servers)
{
	for (uint32_t i = 0; i < servers->nusers; i++)
		heirs_repair(servers->users[i].heirs);
}

/* The program has said goodbye, and all that others could feel of the session went with its transaction. */
static bool is_over(const struct database_session *session)
{
	return session->phase == SESSION_FREE &&
		!(session->marks & (SESSION_MARK_ANYTHING | SESSION_MARK_LOCKS | SESSION_MARK_FAILED));
}

/* The numbers of this server's sessions that end with the execution. */
static uint32_t ending_backends(struct servers *servers, uint32_t peer, int32_t *backends)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < servers->nusers; i++) {
		const struct control *control = servers->users[i].control;
		bool lives = heirs_exist(servers->users[i].heirs);
		for (uint32_t j = 1; j <= control->nsessions && j < DATABASE_SESSIONS; j++) {
			const struct database_session *session = &control->sessions[j];
			if (session->peer == peer && session->backend > 0 && !(lives && session->inherited) && !is_over(session))
				backends[n++] = session->backend;
		}
		n += heirs_take_ended(servers->users[i].heirs, peer, backends + n);
	}
	return n;
}

/* The server's processes of this server's sessions; `flying`: only those that a request is under way on. */
static uint32_t backends_of(const struct control *control, uint32_t peer, bool flying, int32_t *backends)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i <= control->nsessions && i < DATABASE_SESSIONS; i++) {
		const struct database_session *session = &control->sessions[i];
		if (session->peer == peer && session->backend > 0 && (!flying || session->in_flight))
			backends[n++] = session->backend;
	}
	return n;
}

/* Ends the sessions of all executions there were, and puts one server's start state back. */
static int reset_one(struct servers *servers, uint32_t peer, struct complaint *complaint)
{
	static int32_t backends[USERS * (DATABASE_SESSIONS + DATABASE_HEIRS)];
	struct opened *opened = &servers->items[peer];
	uint32_t n = ending_backends(servers, peer, backends);

	hear(servers, peer);
	return opened_reset(opened, backends, n, complaint);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* All executions begin with the first start state again. */
static int go_back(struct servers *servers, struct complaint *complaint)
{
	uint64_t begun = now_ns();
	int code = 0;

	servers->later = NULL;
	for (uint32_t i = 0; i < servers->n; i++)
		if (servers->items[i].adapter->go_back(servers->items[i].server, complaint) < 0)
			code = -1;
	servers->switching_ns += now_ns() - begun;
	return code;
}

static bool is_worthwhile(const struct servers *servers, const struct control *control)
{
	return servers->nswitches < FIRST_SWITCHES || servers->switching_ns <= (uint64_t)SPARED_NS * control->nrestored;
}

/* Nothing is kept unless all is. */
static int keep_later(struct servers *servers)
{
	struct complaint complaint;
	uint64_t begun = now_ns();
	uint32_t n = 0;

	for (uint32_t i = 0; i < servers->n; i++)
		if (!opened_has_later(&servers->items[i]))
			return -1;
	servers->nswitches++;
	while (n < servers->n && servers->items[n].adapter->keep_later(servers->items[n].server, &complaint) == 0)
		n++;
	servers->switching_ns += now_ns() - begun;
	if (n == servers->n)
		return 0;
	while (n-- > 0)
		servers->items[n].adapter->go_back(servers->items[n].server, &complaint);
	return -1;
}

/* Is there a later state that the next execution of this block does not begin with? The process that does must not go on. */
static bool is_outdated(struct servers *servers, const struct control *control)
{
	struct heirs *heirs = servers->later ? heirs_of(servers, servers->later) : NULL;

	if (!heirs || (servers->later == control && heirs_exist(heirs)))
		return false;
	heirs_end(heirs);
	return true;
}

/* What could not be moved is where it was. */
static int32_t reorder(struct servers *servers)
{
	for (uint32_t i = 0; i < servers->n; i++)
		opened_reorder(&servers->items[i]);
	return 0;
}

int servers_reset(struct servers *servers, const struct control *next, uint16_t flags, char *reason, size_t reason_bytes)
{
	struct complaint complaint = {""};

	repair(servers);
	bool outdated = is_outdated(servers, next);
	for (uint32_t i = 0; i < servers->n; i++) {
		if (reset_one(servers, i, &complaint) == 0)
			continue;
		snprintf(reason, reason_bytes, "cannot put back the database %s: %s", servers->items[i].name, complaint.text);
		return -1;
	}
	if (outdated && go_back(servers, &complaint) < 0) {
		snprintf(reason, reason_bytes, "cannot put back the databases: %s", complaint.text);
		return -1;
	}
	servers->reorders = flags & PLAN_REORDER;
	if (servers->reorders)
		reorder(servers);
	for (uint32_t i = 0; i < servers->nusers; i++) {
		struct control *control = servers->users[i].control;
		memset(control->sessions, 0, (control->nsessions + 1UL) * sizeof *control->sessions);
		control->nsessions = 0;
		control->session_marks = 0;
		control->inquiry.word = INQUIRY_NONE;
	}
	return 0;
}

static int32_t ask(struct servers *servers, struct control *control, const struct inquiry *inquiry)
{
	int32_t backends[DATABASE_SESSIONS], flying[DATABASE_SESSIONS];

	if (inquiry->session >= DATABASE_SESSIONS)
		return -1;
	struct database_session *session = &control->sessions[inquiry->session];
	if (session->peer >= servers->n)
		return -1;
	struct opened *opened = &servers->items[session->peer];
	uint32_t n = backends_of(control, session->peer, false, backends);
	if (inquiry->kind == INQUIRY_EXPIRE)
		return opened->adapter->expire ? opened->adapter->expire(opened->server, session->backend) : -1;
	if (inquiry->kind == INQUIRY_END && session->inherited)
		return heirs_repair_one(heirs_of(servers, control), inquiry->session);
	if (inquiry->kind == INQUIRY_END)
		return opened->adapter->wait_end ? opened->adapter->wait_end(opened->server, session->backend) : 0;
	uint32_t nflying = backends_of(control, session->peer, true, flying);
	if (inquiry->kind == INQUIRY_SETTLE)
		return opened->adapter->settle(opened->server, flying, nflying, backends, n);
	if (inquiry->kind == INQUIRY_QUEUE)
		return opened->adapter->has_queue(opened->server, session->backend, flying, nflying, backends, n);
	int blocked = opened->adapter->is_blocked(opened->server, session->backend, backends, n);
	if (blocked == 1 && session->backend == 0 && opened->adapter->identify)
		session->backend = opened->adapter->identify(opened->server, backends, n);
	return blocked;
}

/* What all servers hold now is what the units before left. */
static int32_t mark(struct servers *servers)
{
	struct complaint complaint;
	int32_t answer = 0;

	for (uint32_t i = 0; i < servers->n; i++) {
		struct opened *opened = &servers->items[i];
		hear(servers, i);
		if (opened_mark(opened, &complaint) < 0)
			answer = -1;
	}
	return answer;
}

/* Why the sessions can't live on. Nothing is gained where there are none, and executions begin by making some. */
static enum session_loss inherit(struct servers *servers, struct control *control, uint32_t n)
{
	struct heirs *heirs = heirs_of(servers, control);
	enum session_loss loss = heirs_take(heirs, n);
	bool changes = control->session_marks & SESSION_MARK_CHANGES;

	if (loss == SESSION_LOSS_NONE && changes && (n == 0 || servers->later || !is_worthwhile(servers, control) || keep_later(servers) < 0)) {
		heirs_drop(heirs);
		loss = SESSION_LOSS_CHANGES;
	}
	if (loss != SESSION_LOSS_NONE)
		return loss;
	if (changes)
		servers->later = control;
	if (changes && servers->reorders)
		reorder(servers);
	control->inherits = changes ? INHERITS_LATER : INHERITS_SESSIONS;
	return SESSION_LOSS_NONE;
}

/* With `over` a process begins its execution now. */
static int32_t forget(struct servers *servers, struct control *control, bool over)
{
	struct complaint complaint;

	heirs_drop(heirs_of(servers, control));
	return over && servers->later == control ? go_back(servers, &complaint) : 0;
}

/* A database that the command makes comes or goes. */
static int32_t follow(struct servers *servers, const struct inquiry *inquiry)
{
	struct opened *opened = inquiry->session < servers->n ? &servers->items[inquiry->session] : NULL;

	if (!opened || !opened->arrival)
		return -1;
	if (inquiry->kind == INQUIRY_ARRIVES)
		arrival_await(opened->arrival);
	else if (inquiry->kind == INQUIRY_ARRIVED)
		arrival_note(opened->arrival);
	else
		arrival_leave(opened->arrival, opened->name);
	return 0;
}

static int32_t answer(struct servers *servers, struct control *control, const struct inquiry *inquiry)
{
	switch (inquiry->kind) {
	case INQUIRY_MARK:
		return mark(servers);
	case INQUIRY_REORDER:
		return reorder(servers);
	case INQUIRY_ARRIVES: case INQUIRY_ARRIVED: case INQUIRY_LEAVES:
		return follow(servers, inquiry);
	case INQUIRY_INHERIT:
		return (int32_t)inherit(servers, control, inquiry->session);
	case INQUIRY_FORGET:
		return forget(servers, control, inquiry->session);
	default:
		return ask(servers, control, inquiry);
	}
}

bool servers_answer(struct servers *servers, struct control *control)
{
	struct inquiry *inquiry = &control->inquiry;

	if (__atomic_load_n(&inquiry->word, __ATOMIC_ACQUIRE) != INQUIRY_PENDING)
		return false;
	inquiry->answer = answer(servers, control, inquiry);
	__atomic_store_n(&inquiry->word, INQUIRY_ANSWERED, __ATOMIC_RELEASE);
	block_wake(&inquiry->word);
	return true;
}

static int look(struct servers *servers, struct observation *out, char *reason, size_t reason_bytes)
{
	struct complaint complaint = {"out of memory"};

	for (uint32_t i = 0; i < servers->n; i++) {
		struct opened *opened = &servers->items[i];
		hear(servers, i);
		struct image *image = opened_image(opened, &complaint);
		if (!image) {
			snprintf(reason, reason_bytes, "cannot read the database %s: %s", opened->name, complaint.text);
			return -1;
		}
		out->images[out->nimages++] = image;
		if (opened->marked)
			out->marked[out->nmarked++] = opened->marked;
		opened->marked = NULL;
	}
	return 0;
}

int servers_observe(struct servers *servers, struct observation *out, char *reason, size_t reason_bytes)
{
	if (servers->n == 0)
		return 0;
	if (observation_reserve(out, servers->n) < 0) {
		snprintf(reason, reason_bytes, "the databases can't be looked at: out of memory");
		return -1;
	}
	calm(servers);
	int code = look(servers, out, reason, reason_bytes);
	repair(servers);
	return code;
}

const char *servers_arrival(uint32_t index, const char **account)
{
	for (uint32_t i = 0, n = 0; shared && i < shared->n; i++) {
		const struct opened *opened = &shared->items[i];
		if (!opened->arrival || n++ < index)
			continue;
		*account = arrival_account(opened->arrival);
		return opened->adapter->database(opened->server);
	}
	return NULL;
}

void servers_close(struct servers *servers, struct control *control)
{
	char reason[512];

	if (!servers)
		return;
	struct heirs *heirs = heirs_of(servers, control);
	heirs_drop(heirs);
	if (servers->nusers > 1 && servers->later == control && servers_reset(servers, NULL, 0, reason, sizeof reason) < 0)
		fprintf(stderr, "race: %s\n", reason);
	if (servers->nusers == 1) {
		if (!servers->keep_state && servers_reset(servers, NULL, 0, reason, sizeof reason) < 0)
			fprintf(stderr, "race: %s\n", reason);
		heirs_close(heirs);
		close_all(servers);
		shared = NULL;
		return;
	}
	heirs_close(heirs);
	for (uint32_t i = 0; i < servers->nusers; i++)
		if (servers->users[i].control == control)
			servers->users[i] = servers->users[--servers->nusers];
}

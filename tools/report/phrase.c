#include "phrase.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "explorer/object_label.h"

/* How an operation reads; %s is the object. `waits`: while it is blocked; NULL: "is about to ..." is enough. */
static const struct wording {
	const char *does, *waits;
} wordings[OP_COUNT] = {
	[OP_BEGIN] = {"begins", NULL},
	[OP_EXIT] = {"ends", NULL},
	[OP_CREATE] = {"creates a task", NULL},
	[OP_JOIN] = {"joins %s", "waits for the end of %s"},
	[OP_TRYJOIN] = {"tries to join %s", NULL},
	[OP_DETACH] = {"detaches %s", NULL},
	[OP_CANCEL] = {"cancels %s", NULL},
	[OP_YIELD] = {"yields", NULL},
	[OP_SLEEP] = {"sleeps", "sleeps"},
	[OP_MUTEX_LOCK] = {"locks %s", "waits for %s"},
	[OP_MUTEX_TRYLOCK] = {"tries to lock %s", NULL},
	[OP_MUTEX_TIMEDLOCK] = {"locks %s, with a time-out", "waits for %s"},
	[OP_MUTEX_UNLOCK] = {"unlocks %s", NULL},
	[OP_COND_WAIT] = {"begins to wait on %s", NULL},
	[OP_COND_TIMEDWAIT] = {"begins to wait on %s, with a time-out", NULL},
	[OP_COND_WAKE] = {"wakes up from %s", "waits for a signal on %s"},
	[OP_COND_SIGNAL] = {"signals %s", NULL},
	[OP_COND_BROADCAST] = {"broadcasts on %s", NULL},
	[OP_RWLOCK_RDLOCK] = {"locks %s for reading", "waits to read-lock %s"},
	[OP_RWLOCK_TRYRDLOCK] = {"tries to lock %s for reading", NULL},
	[OP_RWLOCK_TIMEDRDLOCK] = {"locks %s for reading, with a time-out", "waits to read-lock %s"},
	[OP_RWLOCK_WRLOCK] = {"locks %s for writing", "waits to write-lock %s"},
	[OP_RWLOCK_TRYWRLOCK] = {"tries to lock %s for writing", NULL},
	[OP_RWLOCK_TIMEDWRLOCK] = {"locks %s for writing, with a time-out", "waits to write-lock %s"},
	[OP_RWLOCK_UNLOCK] = {"unlocks %s", NULL},
	[OP_SEM_WAIT] = {"takes %s", "waits for %s"},
	[OP_SEM_TRYWAIT] = {"tries to take %s", NULL},
	[OP_SEM_TIMEDWAIT] = {"takes %s, with a time-out", "waits for %s"},
	[OP_SEM_POST] = {"posts %s", NULL},
	[OP_SEM_GETVALUE] = {"reads the value of %s", NULL},
	[OP_BARRIER_WAIT] = {"arrives at %s", NULL},
	[OP_BARRIER_PASS] = {"passes %s", "waits at %s"},
	[OP_ONCE_BEGIN] = {"enters once-routine %s", "waits for once-routine %s"},
	[OP_ONCE_END] = {"leaves once-routine %s", NULL},
	[OP_SPIN_LOCK] = {"locks %s", "waits for %s"},
	[OP_SPIN_TRYLOCK] = {"tries to lock %s", NULL},
	[OP_SPIN_UNLOCK] = {"unlocks %s", NULL},
	[OP_FUTEX_WAIT] = {"waits on %s", "waits on %s"},
	[OP_FUTEX_WAKE] = {"wakes waiters of %s", NULL},
	[OP_LIBRARY_LOCK] = {"enters library lock %s", "waits for library lock %s"},
	[OP_LIBRARY_UNLOCK] = {"leaves library lock %s", NULL},
	[OP_FORK] = {"forks", NULL},
	[OP_EXEC] = {"executes a program", NULL},
	[OP_PROCESS_EXIT] = {"ends its process", NULL},
	[OP_WAIT] = {"reaps a child", "waits for a child to end"},
	[OP_KILL] = {"sends a signal to %s", NULL},
	[OP_SIGNAL_WAIT] = {"takes a signal", "waits for a signal"},
	[OP_SIGNAL_DELIVER] = {"handles a signal", NULL},
	[OP_PIPE_READ] = {"reads from %s", "waits for data in %s"},
	[OP_PIPE_WRITE] = {"writes to %s", "waits for room in %s"},
	[OP_PIPE_CLOSE] = {"closes %s", NULL},
	[OP_POLL] = {"polls", "waits for descriptors"},
	[OP_BIND] = {"binds %s", NULL},
	[OP_LISTEN] = {"listens at %s", NULL},
	[OP_CONNECT] = {"connects to %s", NULL},
	[OP_ACCEPT] = {"accepts a connection at %s", "waits for a connection to %s"},
	[OP_FILE_LOCK] = {"locks %s", "waits for %s"},
	[OP_FILE_TRYLOCK] = {"tries to lock %s", NULL},
	[OP_FILE_UNLOCK] = {"unlocks %s", NULL},
	[OP_SQLITE_BLOB] = {"accesses a blob of %s", NULL},
	[OP_SQLITE_BACKUP] = {"copies pages of %s", NULL},
	[OP_DB_STATEMENT] = {"ends its session with %s", "waits for a lock of %s"},
	[OP_DB_WAIT] = {"waited for a lock of %s", "waits for a lock of %s"},
	[OP_UNIT_BEGIN] = {"unit begins", NULL},
	[OP_UNIT_END] = {"unit ends", NULL},
};

const char *phrase_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

const char *phrase_object(struct pool *pool, const struct trace *trace, uint32_t object,
	struct symbolise *symbolise)
{
	const struct trace_object *found = &trace->objects[object <= trace->nobjects ? object : 0];
	char label[OBJECT_LABEL_BYTES];
	const char *name = NULL;

	if (symbolise && object && !*found->name && found->kind != OBJECT_TASK)
		name = symbols_data(symbolise_symbols(symbolise), found->process, found->address);
	return pool_copy(pool, name ? name : object_label(trace, object, label, sizeof(label)));
}

static const char *with_object(struct pool *pool, const char *format, const char *object)
{
	const char *hole = strstr(format, "%s");

	if (!hole)
		return format;
	return pool_print(pool, "%.*s%s%s", (int)(hole - format), format, object, hole + 2);
}

const char *phrase_request(struct pool *pool, const struct trace *trace, const struct request *request,
	struct symbolise *symbolise, bool blocked)
{
	const struct wording *wording = &wordings[request->op < OP_COUNT ? request->op : OP_NONE];
	const char *object = phrase_object(pool, trace, request->object, symbolise);
	const char *text;

	if (op_info(request->op)->flags & ACT_STATEMENT) {
		text = trace_statement_text(trace, request->statement);
		if (*text)
			return blocked ? pool_print(pool, "waits for a lock to do %s", text) : pool_copy(pool, text);
	}
	if (blocked && wording->waits)
		return with_object(pool, wording->waits, object);
	if (wording->does)
		text = with_object(pool, wording->does, object);
	else
		text = request->object ? pool_print(pool, "%s %s", op_info(request->op)->text, object) :
			op_info(request->op)->text;
	return blocked ? pool_print(pool, "stops before it %s", text) : text;
}

const char *phrase_result(struct pool *pool, uint16_t op, int64_t result)
{
	static const struct { const char *name, *phrase; } phrases[] = {
		{"EBUSY", "finds it taken"}, {"EAGAIN", "can't have it now"}, {"ETIMEDOUT", "times out"},
		{"EDEADLK", "refused: would deadlock"}, {"EOWNERDEAD", "learns that the last owner died"},
		{"EINTR", "is interrupted"},
	};
	uint16_t kind = op_info(op)->object_kind;
	const char *name;
	size_t index;

	if (kind != OBJECT_MUTEX && kind != OBJECT_COND && kind != OBJECT_RWLOCK && kind != OBJECT_SEM &&
		kind != OBJECT_SPIN && kind != OBJECT_FILE_LOCK && kind != OBJECT_CHANNEL)
		return NULL;
	if (kind == OBJECT_CHANNEL && result > 0) /* bytes */
		return NULL;
	if (!result || result > INT_MAX || result < -INT_MAX || op == OP_SEM_GETVALUE)
		return NULL;
	name = strerrorname_np((int)(result < 0 ? -result : result));
	if (!name)
		return NULL;
	for (index = 0; index < sizeof(phrases) / sizeof(phrases[0]); index++)
		if (strcmp(phrases[index].name, name) == 0)
			return phrases[index].phrase;
	return pool_print(pool, "fails: %s", name);
}

const char *phrase_count(struct pool *pool, uint64_t count, const char *noun)
{
	return pool_print(pool, "%s %s%s", phrase_number(pool, count), noun, count == 1 ? "" : "s");
}

const char *phrase_number(struct pool *pool, uint64_t number)
{
	char *digits = pool_print(pool, "%llu", (unsigned long long)number), *grouped, *end;
	size_t length = strlen(digits), index;

	if (length < 5)
		return digits;
	end = grouped = pool_take(pool, length + length / 3 + 1);
	for (index = 0; index < length; index++) {
		if (index && (length - index) % 3 == 0)
			*end++ = ',';
		*end++ = digits[index];
	}
	return grouped;
}

const char *phrase_path(struct pool *pool, const char *path)
{
	char folder[PATH_MAX];
	size_t length;

	if (!path || !getcwd(folder, sizeof(folder)))
		return pool_copy(pool, path);
	length = strlen(folder);
	if (strncmp(path, folder, length) == 0 && path[length] == '/' && length > 1)
		return pool_copy(pool, path + length + 1);
	return pool_copy(pool, path);
}

static const char *behind(const char *message, const char *word)
{
	size_t length = word ? strlen(word) : 0;

	return length && strncmp(message, word, length) == 0 && strncmp(message + length, ": ", 2) == 0 ?
		message + length + 2 : message;
}

const char *phrase_message(const char *message, const char *kind, const char *class)
{
	return behind(behind(message, kind), class);
}

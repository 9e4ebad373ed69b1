#include "dependence.h"

#include "op.h"

/* What a database operation can do to others of its file. */
enum effect { EFFECT_NOTHING, EFFECT_READ, EFFECT_WRITE };

static bool ends_process(uint16_t op)
{
	return op == OP_PROCESS_EXIT || op == OP_EXEC;
}

/* Annotations say something about the execution and change nothing in it; effects are compared as a multiset. */
static bool is_annotation(uint16_t op)
{
	const struct op_info *info = op_info(op);
	return (info->flags & ACT_MARK) || info->object_kind == OBJECT_UNIT || info->object_kind == OBJECT_EFFECT;
}

static const struct statement *statement_of(const struct request *request, const struct statement *statements)
{
	if (statements == NULL || request->statement == 0 || request->statement >= LIMIT_STATEMENTS)
		return NULL;
	return &statements[request->statement];
}

static enum effect effect_of(const struct request *request, const struct statement *statements)
{
	const struct op_info *info = op_info(request->op);
	const struct statement *statement = statement_of(request, statements);
	if (info->mode == MODE_READ)
		return EFFECT_READ;
	if (!(info->flags & ACT_STATEMENT) || statement == NULL || (statement->flags & STATEMENT_UNBOUNDED))
		return EFFECT_WRITE;
	if (statement->kind == STATEMENT_READ)
		return EFFECT_READ;
	if (statement->kind == STATEMENT_BEGIN && !(statement->flags & STATEMENT_IMMEDIATE))
		return EFFECT_NOTHING;
	return EFFECT_WRITE;
}

/* Who waits for a lock of the file waits for readers, too. */
static bool conflict_in_database(
	const struct request *left, const struct request *right, const struct statement *statements)
{
	enum effect a = effect_of(left, statements), b = effect_of(right, statements);
	if (a == EFFECT_NOTHING || b == EFFECT_NOTHING)
		return false;
	if ((left->op == OP_DB_WAIT) != (right->op == OP_DB_WAIT))
		return op_info(left->op)->mode == MODE_WRITE || op_info(right->op)->mode == MODE_WRITE;
	return a == EFFECT_WRITE || b == EFFECT_WRITE;
}

/* Both act on `object` as their first one. */
static bool conflict_on_first(
	const struct request *left, const struct request *right, const struct statement *statements)
{
	const struct op_info *a = op_info(left->op), *b = op_info(right->op);
	if (a->object_kind == OBJECT_DATABASE && b->object_kind == OBJECT_DATABASE)
		return conflict_in_database(left, right, statements);
	return a->mode == MODE_WRITE || b->mode == MODE_WRITE;
}

/* Operations without an object of their own that may meet any object of their kind. */
static bool conflict_on_any(const struct request *left, const struct request *right)
{
	const struct op_info *a = op_info(left->op), *b = op_info(right->op);
	if (left->object != 0 && right->object != 0)
		return false;
	if (left->op == OP_EXTERNAL && right->op == OP_EXTERNAL)
		return true;
	if (a->object_kind != b->object_kind)
		return false;
	if (a->object_kind == OBJECT_CHANNEL)
		return a->mode == MODE_WRITE || b->mode == MODE_WRITE;
	return a->object_kind == OBJECT_PROCESS && (left->op == OP_WAIT || right->op == OP_WAIT);
}

/* Cancellations and signals end waits of any kind; whose wait it is the requests don't say. */
static bool may_end(uint16_t op, const struct request *wait)
{
	return (op == OP_CANCEL && (wait->flags & REQUEST_CANCEL)) ||
		(op == OP_KILL && ((wait->flags & REQUEST_INTERRUPT) || wait->op == OP_SIGNAL_DELIVER));
}

bool dependence_requests(const struct request *left, const struct request *right, const struct statement *statements)
{
	if (is_annotation(left->op) || is_annotation(right->op))
		return false;
	if (ends_process(left->op) || ends_process(right->op) || conflict_on_any(left, right))
		return true;
	if (may_end(left->op, right) || may_end(right->op, left))
		return true;
	if (left->object != 0 && left->object == right->object)
		if (left->op == OP_EXTERNAL || conflict_on_first(left, right, statements))
			return true;
	if (left->second != 0 && (left->second == right->object || left->second == right->second))
		return true;
	return right->second != 0 && right->second == left->object;
}

static bool conflict_on_table(const struct statement_table *left, const struct statement *right)
{
	for (uint32_t i = 0; i < right->ntables && i < STATEMENT_TABLES; i++) {
		const struct statement_table *other = &right->tables[i];
		if (left->table == other->table &&
			((left->writes && (other->reads || other->writes)) || (other->writes && left->reads)))
			return true;
	}
	return false;
}

static bool is_everywhere(const struct statement *statement)
{
	return statement == NULL || statement->kind == STATEMENT_UNKNOWN || (statement->flags & STATEMENT_UNBOUNDED);
}

bool dependence_footprints(const struct statement *left, const struct statement *right)
{
	if (is_everywhere(left) || is_everywhere(right))
		return true;
	if (left->kind == STATEMENT_SCHEMA || right->kind == STATEMENT_SCHEMA)
		return left->ntables > 0 && right->ntables > 0;
	for (uint32_t i = 0; i < left->ntables && i < STATEMENT_TABLES; i++)
		if (conflict_on_table(&left->tables[i], right))
			return true;
	return false;
}

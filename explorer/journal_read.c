#include "journal_read.h"

#include <stdbool.h>
#include <string.h>
#include <xxhash.h>

uint64_t journal_sum(const void *bytes, size_t nbytes)
{
	return XXH3_64bits(bytes, nbytes);
}

const char *journal_read_head(struct journal_view *view, struct journal_identity *identity)
{
	const struct journal_head *head = (const void *)view->bytes;

	if (view->nbytes < sizeof *head || memcmp(head->magic, JOURNAL_MAGIC, sizeof head->magic) != 0)
		return "is not the state of a search";
	if (head->version != JOURNAL_VERSION || head->nbytes != sizeof *head)
		return "was written by another version of race";
	if (head->sum != journal_sum(head, offsetof(struct journal_head, sum)))
		return "is damaged";
	*identity = head->identity;
	view->at = sizeof *head;
	return NULL;
}

static bool take_execution(const char *content, uint64_t nbytes, struct journal_item *item)
{
	const struct journal_execution *execution = (const void *)content;

	if (nbytes < sizeof *execution)
		return false;
	nbytes -= sizeof *execution;
	if (execution->trace_bytes > LIMIT_TRACE_BYTES || execution->trace_bytes % 8 || execution->trace_bytes > nbytes ||
		execution->note_bytes > nbytes - execution->trace_bytes)
		return false;
	item->execution = execution;
	item->trace = execution + 1;
	item->notes = execution->note_bytes ? (const char *)item->trace + execution->trace_bytes : "";
	return !execution->note_bytes || item->notes[execution->note_bytes - 1] == '\0';
}

static bool take_tables(const char *content, uint64_t nbytes, struct journal_item *item)
{
	const struct journal_tables *tables = (const void *)content;

	if (nbytes < sizeof *tables || tables->nchanged >= LIMIT_STATEMENTS)
		return false;
	item->tables = tables;
	return nbytes - sizeof *tables >= tables->nchanged * sizeof(struct journal_statement) + tables->text_bytes;
}

enum journal_next journal_read_next(struct journal_view *view, struct journal_item *item)
{
	const struct journal_record *record = (const void *)(view->bytes + view->at);
	size_t left = view->nbytes - view->at;
	bool good;

	*item = (struct journal_item){0};
	if (left == 0)
		return JOURNAL_NEXT_END;
	if (left < sizeof *record)
		return JOURNAL_NEXT_CUT;
	if (record->sum != journal_sum(record, offsetof(struct journal_record, sum)) || record->nbytes % 8)
		return JOURNAL_NEXT_DAMAGED;
	if (record->nbytes > left - sizeof *record)
		return JOURNAL_NEXT_CUT;
	if (record->content != journal_sum(record + 1, record->nbytes))
		return JOURNAL_NEXT_DAMAGED;
	if (record->kind == JOURNAL_TABLES)
		good = take_tables((const char *)(record + 1), record->nbytes, item);
	else
		good = record->kind == JOURNAL_EXECUTION &&
			take_execution((const char *)(record + 1), record->nbytes, item);
	if (!good)
		return JOURNAL_NEXT_DAMAGED;
	view->at += sizeof *record + record->nbytes;
	return record->kind == JOURNAL_TABLES ? JOURNAL_NEXT_TABLES : JOURNAL_NEXT_EXECUTION;
}

/* Would the target find every text of the statement where it says? */
static bool is_possible(const struct journal_statement *entry, uint32_t nstatements, uint32_t text_used)
{
	const struct statement *statement = &entry->statement;

	if (entry->index == 0 || entry->index > nstatements || statement->text >= text_used ||
		statement->ntables > STATEMENT_TABLES)
		return false;
	for (uint32_t i = 0; i < statement->ntables; i++)
		if (statement->tables[i].name >= text_used)
			return false;
	return true;
}

int journal_read_tables(const struct journal_tables *tables, struct control *control)
{
	const struct journal_statement *entries = (const void *)(tables + 1);
	const char *text = (const char *)(entries + tables->nchanged);
	uint32_t used = tables->text_at + tables->text_bytes;

	if (tables->text_at != control->text_used || tables->text_bytes >= LIMIT_TEXT_BYTES - control->text_used ||
		tables->nstatements < control->nstatements || tables->nstatements >= LIMIT_STATEMENTS)
		return -1;
	if (tables->text_bytes && text[tables->text_bytes - 1] != '\0')
		return -1;
	for (uint32_t i = 0; i < tables->nchanged; i++)
		if (!is_possible(&entries[i], tables->nstatements, used))
			return -1;
	for (uint32_t i = 0; i < tables->nchanged; i++)
		control->statements[entries[i].index] = entries[i].statement;
	memcpy(control->text + tables->text_at, text, tables->text_bytes);
	control->text_used = used;
	control->nstatements = tables->nstatements;
	return 0;
}

/* What a trace says of HTTP requests and of who works for them; see shared/conversation.h. */
#include "trace_records.h"

#include <stdio.h>
#include <string.h>

/* Index + 1, 0: there is none. */
static uint32_t find_request(const struct trace *trace, uint64_t identity)
{
	for (uint32_t i = trace->nrequests; i > 0; i--)
		if (trace->requests[i - 1].identity == identity)
			return i;
	return 0;
}

/* "POST /webhook#2" when others of this name came before. */
static const char *request_name(struct trace_records *reading, const char *name)
{
	const struct trace *trace = reading->trace;
	char numbered[128];
	uint32_t n = 1;
	for (uint32_t i = 0; i < trace->nrequests; i++) {
		size_t length = strlen(name);
		const char *other = trace->requests[i].name;
		n += strncmp(other, name, length) == 0 && (other[length] == '\0' || other[length] == '#');
	}
	if (n == 1)
		return name;
	snprintf(numbered, sizeof numbered, "%.100s#%u", name, n);
	const char *text = arena_text(reading->arena, numbered, strlen(numbered));
	if (!text)
		reading->short_of_memory = true;
	return text ? text : name;
}

void trace_requests_read(struct trace_records *reading)
{
	const struct record_request *record = (const void *)reading->record;
	struct trace *trace = reading->trace;
	if (trace->nrequests >= reading->counts[RECORD_REQUEST])
		return;
	const char *name = request_name(reading, trace_records_text(reading, sizeof(*record)));
	trace->requests[trace->nrequests++] = (struct trace_request){
		.at_step = trace_records_step(reading),
		.task = reading->task,
		.identity = record->identity,
		.name = name,
		.context = "",
	};
}

void trace_requests_read_work(struct trace_records *reading)
{
	const struct record_work *record = (const void *)reading->record;
	struct trace *trace = reading->trace;
	if (trace->nworks >= reading->counts[RECORD_WORK])
		return;
	trace->works[trace->nworks++] = (struct trace_work){
		.at_step = trace_records_step(reading),
		.task = reading->task,
		.request = find_request(trace, record->identity),
	};
}

void trace_requests_read_reply(struct trace_records *reading)
{
	const struct record_reply *record = (const void *)reading->record;
	struct trace *trace = reading->trace;
	uint32_t index = find_request(trace, record->identity);
	if (!index)
		return;
	struct trace_request *request = &trace->requests[index - 1];
	request->replied = true;
	request->reply_step = trace_records_step(reading);
	request->status = record->status;
	request->digest = record->digest;
	request->input = record->input;
	request->context = trace_records_text(reading, sizeof(*record));
}

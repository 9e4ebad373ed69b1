#include "wire_queue.h"

bool wire_queue_push(struct wire *wire, struct wire_run request)
{
	if (wire->nruns > 0) {
		struct wire_run *last = &wire->queue[(wire->first + wire->nruns - 1) % WIRE_QUEUE];
		if (last->kind == request.kind && last->nstatements == request.nstatements &&
			last->size == request.size && last->ordered == request.ordered && last->count < UINT32_MAX) {
			last->count++;
			return true;
		}
	}
	if (wire->nruns == WIRE_QUEUE)
		return false;
	request.count = 1;
	wire->queue[(wire->first + wire->nruns++) % WIRE_QUEUE] = request;
	return true;
}

struct wire_run *wire_queue_first(struct wire *wire)
{
	return wire->nruns > 0 ? &wire->queue[wire->first] : NULL;
}

void wire_queue_pop(struct wire *wire)
{
	if (--wire->queue[wire->first].count > 0)
		return;
	wire->first = (wire->first + 1) % WIRE_QUEUE;
	wire->nruns--;
}

#include "block.h"

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint64_t lay_out_slot(struct slot *slot, uint64_t at, uint64_t prefix_limit, uint64_t trace_limit)
{
	slot->prefix_offset = at;
	slot->prefix_limit = prefix_limit;
	slot->trace_offset = at + prefix_limit * sizeof(struct directive);
	slot->trace_limit = trace_limit;
	return slot->trace_offset + trace_limit;
}

static void lay_out(struct control *control)
{
	uint64_t at = (sizeof(struct control) + 4095) / 4096 * 4096;

	control->magic = CONTROL_MAGIC;
	control->version = CONTROL_VERSION;
	control->size = control_size();
	control->text_used = 1; /* offset 0 means "no text" */
	for (uint32_t i = 0; i < CONTROL_SLOTS; i++)
		at = i < LIMIT_SLOTS ? lay_out_slot(&control->slots[i], at, LIMIT_PREFIX, LIMIT_TRACE_BYTES) :
			lay_out_slot(&control->slots[i], at, AHEAD_PREFIX, AHEAD_TRACE_BYTES);
}

/* A limit on the size of files is meant for files: this one takes no room on any disk. */
static int set_size(int fd)
{
	struct rlimit limit, none;
	int result;

	getrlimit(RLIMIT_FSIZE, &limit);
	none = (struct rlimit){limit.rlim_max, limit.rlim_max};
	setrlimit(RLIMIT_FSIZE, &none);
	result = ftruncate(fd, (off_t)control_size());
	setrlimit(RLIMIT_FSIZE, &limit);
	return result;
}

int block_open(struct block *block)
{
	block->control = NULL;
	block->fd = memfd_create("race-control", MFD_CLOEXEC);
	if (block->fd < 0)
		return -1;
	if (set_size(block->fd) < 0)
		goto fail;
	void *memory = mmap(NULL, control_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, block->fd, 0);
	if (memory == MAP_FAILED)
		goto fail;
	block->control = memory;
	lay_out(block->control);
	return 0;
fail:;
	int error = errno;
	close(block->fd);
	block->fd = -1;
	errno = error;
	return -1;
}

void block_private(struct block *block)
{
	madvise(block->control, control_size(), MADV_DONTFORK);
}

const char *block_shortage(int error)
{
	struct rlimit limit;

	if (error == ENOMEM && getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		return "; the address space is limited (ulimit -v), and race needs 2 GB of it, little of which is ever used";
	return error == EFBIG ? "; the size of files is limited (ulimit -f)" : "";
}

void block_close(struct block *block)
{
	if (block->control)
		munmap(block->control, control_size());
	if (block->fd >= 0)
		close(block->fd);
	block->control = NULL;
	block->fd = -1;
}

void block_wake(uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, 1 << 30, NULL, NULL, 0);
}

/* As much of it as its order uses: most of a plan is room for an order. */
static void copy_plan(struct plan *to, const struct plan *from)
{
	uint32_t norder = from->norder < LIMIT_UNITS ? from->norder : LIMIT_UNITS;

	memcpy(to, from, offsetof(struct plan, order) + norder * sizeof from->order[0]);
}

bool block_put(struct block *block, uint32_t index, const struct plan_draft *draft)
{
	struct control *control = block->control;
	struct slot *slot = &control->slots[index];

	if (draft->nprefix > slot->prefix_limit)
		return false;
	copy_plan(&slot->plan, &draft->plan);
	slot->plan.nprefix = draft->nprefix;
	memset(&slot->result, 0, sizeof slot->result);
	if (draft->nprefix)
		memcpy((char *)control + slot->prefix_offset, draft->prefix, draft->nprefix * sizeof *draft->prefix);
	control->offered[index] = slot->plan.number;
	__atomic_store_n(&slot->state, SLOT_PLANNED, __ATOMIC_RELEASE);
	return true;
}

void block_ring(struct block *block)
{
	struct control *control = block->control;

	__atomic_add_fetch(&control->plans_written, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&control->server_sleeps, __ATOMIC_SEQ_CST))
		block_wake(&control->plans_written);
}

int block_plan(struct block *block, const struct plan_draft *draft)
{
	for (uint32_t i = 0; i < LIMIT_SLOTS; i++) {
		if (__atomic_load_n(&block->control->slots[i].state, __ATOMIC_ACQUIRE) != SLOT_IDLE)
			continue;
		if (!block_put(block, i, draft))
			return -1;
		block_ring(block);
		return (int)i;
	}
	return -1;
}

void block_wait(struct block *block, uint32_t seen, int64_t timeout_ns)
{
	struct timespec timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};
	struct control *control = block->control;

	__atomic_store_n(&control->explorer_sleeps, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &control->results_written, FUTEX_WAIT, seen, &timeout, NULL, 0);
	__atomic_store_n(&control->explorer_sleeps, 0, __ATOMIC_RELEASE);
}

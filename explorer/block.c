#include "block.h"

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint64_t slot_bytes(void)
{
	return LIMIT_PREFIX * sizeof(struct directive) + (uint64_t)LIMIT_TRACE_BYTES;
}

static void lay_out(struct control *control)
{
	uint64_t at = control_size() - LIMIT_SLOTS * slot_bytes();

	control->magic = CONTROL_MAGIC;
	control->version = CONTROL_VERSION;
	control->size = control_size();
	control->text_used = 1; /* offset 0 means "no text" */
	for (uint32_t i = 0; i < LIMIT_SLOTS; i++, at += slot_bytes()) {
		control->slots[i].prefix_offset = at;
		control->slots[i].trace_offset = at + LIMIT_PREFIX * sizeof(struct directive);
	}
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

int block_plan(struct block *block, const struct plan_draft *draft)
{
	struct control *control = block->control;

	if (draft->nprefix > LIMIT_PREFIX)
		return -1;
	for (uint32_t i = 0; i < LIMIT_SLOTS; i++) {
		struct slot *slot = &control->slots[i];
		if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != SLOT_IDLE)
			continue;
		slot->plan = draft->plan;
		slot->plan.nprefix = draft->nprefix;
		memset(&slot->result, 0, sizeof slot->result);
		if (draft->nprefix)
			memcpy((char *)control + slot->prefix_offset, draft->prefix,
				draft->nprefix * sizeof *draft->prefix);
		__atomic_store_n(&slot->state, SLOT_PLANNED, __ATOMIC_RELEASE);
		__atomic_add_fetch(&control->plans_written, 1, __ATOMIC_RELEASE);
		block_wake(&control->plans_written);
		return (int)i;
	}
	return -1;
}

void block_wait(struct block *block, uint32_t seen, int64_t timeout_ns)
{
	struct timespec timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};

	syscall(SYS_futex, &block->control->results_written, FUTEX_WAIT, seen, &timeout, NULL, 0);
}

#include "opened.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "control.h"
#include "sys.h"

enum { MOST_OLD = 4096, MOST_GAPS = 64, MOST_MOVED = 32, MOST_ASIDE = 32, MOST_FLAGGED = 128, SPARE_NUMBERS = 128 };

struct range {
	uint64_t begin, end;
};

/* In shared memory: it must outlive what is put back. */
static struct ledger {
	uint64_t old[MOST_OLD / 64];      /* descriptors that were open */
	uint64_t stateful[MOST_OLD / 64]; /* those of them that are neither file nor device */
	uint64_t closed[MOST_OLD / 64];   /* those whose number is not theirs any more */
	uint64_t locked[MOST_OLD / 64];   /* those on whose files something was locked */
	uint64_t copies[MOST_OLD / 64];   /* duplicates of old ones */
	uint64_t stateful_copies[MOST_OLD / 64];
	uint32_t ngaps, nmoved, naside, nflagged;
	struct range gaps[MOST_GAPS];     /* numbers that were not open, end included */
	bool opened, locks;
	struct {
		int fd;
		long offset;
	} moved[MOST_MOVED];
	struct {
		int fd;
		long own, status; /* FD_CLOEXEC or 0; O_NONBLOCK and the like */
	} flagged[MOST_FLAGGED];
	struct {
		int fd, flags; /* its number, FD_CLOEXEC or 0 */
		int spare;     /* where it is meanwhile */
	} aside[MOST_ASIDE];
} *ledger;

static bool is_in(const uint64_t *set, long fd)
{
	return fd >= 0 && fd < MOST_OLD && (set[fd / 64] >> fd % 64 & 1);
}

/* Under its own number. */
static bool is_original(long fd)
{
	return is_in(ledger->old, fd) && !is_in(ledger->closed, fd);
}

bool opened_is_old(long fd)
{
	return is_original(fd) || is_in(ledger->copies, fd);
}

bool opened_has_state(long fd)
{
	return is_original(fd) ? is_in(ledger->stateful, fd) : is_in(ledger->stateful_copies, fd);
}

/* Files and devices have no state but an offset. */
static bool is_simple(int fd)
{
	struct stat status;

	return sys_call3(SYS_fstat, fd, (long)&status, 0) == 0 &&
		(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISCHR(status.st_mode));
}

/* The number belongs to the gap that ends before it, or begins one. */
static bool note_gap(uint64_t fd)
{
	struct range *last = &ledger->gaps[ledger->ngaps - 1];

	if (ledger->ngaps > 0 && last->end + 1 == fd) {
		last->end = fd;
		return true;
	}
	if (ledger->ngaps == MOST_GAPS)
		return false;
	ledger->gaps[ledger->ngaps++] = (struct range){fd, fd};
	return true;
}

bool opened_open(void)
{
	ledger = sys_map(NULL, sizeof *ledger, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!ledger)
		return false;
	for (int fd = 0; fd < MOST_OLD; fd++) {
		bool open = sys_call3(SYS_fcntl, fd, F_GETFD, 0) >= 0;
		if (!open && !note_gap((uint64_t)fd))
			return false;
		if (open)
			ledger->old[fd / 64] |= 1ULL << fd % 64;
		if (open && !is_simple(fd))
			ledger->stateful[fd / 64] |= 1ULL << fd % 64;
	}
	return true;
}

static bool is_same(const struct stat *status, int fd)
{
	struct stat other;

	return sys_call3(SYS_fstat, fd, (long)&other, 0) == 0 && other.st_dev == status->st_dev &&
		other.st_ino == status->st_ino;
}

/* What is written to standard output and error is output, wherever it goes. */
static bool is_nameless(int fd)
{
	struct stat status;

	if (sys_call3(SYS_fstat, fd, (long)&status, 0) != 0 || !S_ISREG(status.st_mode) || status.st_nlink != 0)
		return false;
	return (sys_call3(SYS_fcntl, fd, F_GETFL, 0) & O_ACCMODE) != O_RDONLY && !is_same(&status, 1) &&
		!is_same(&status, 2) && !is_same(&status, control_fd);
}

bool opened_have_nameless(void)
{
	for (int fd = 3; fd < MOST_OLD; fd++)
		if (is_nameless(fd))
			return true;
	return false;
}

void opened_spare(long fd)
{
	ledger->stateful[fd / 64] &= ~(1ULL << fd % 64);
}

bool opened_note_flags(long fd)
{
	for (uint32_t i = 0; i < ledger->nflagged; i++)
		if (ledger->flagged[i].fd == fd)
			return true;
	if (ledger->nflagged == MOST_FLAGGED)
		return false;
	ledger->flagged[ledger->nflagged].fd = (int)fd;
	ledger->flagged[ledger->nflagged].own = sys_call3(SYS_fcntl, fd, F_GETFD, 0);
	ledger->flagged[ledger->nflagged++].status = sys_call3(SYS_fcntl, fd, F_GETFL, 0);
	return true;
}

void opened_note(void)
{
	ledger->opened = true;
}

bool opened_note_offset(long fd)
{
	for (uint32_t i = 0; i < ledger->nmoved; i++)
		if (ledger->moved[i].fd == fd)
			return true;
	long offset = sys_call3(SYS_lseek, fd, 0, 1);
	if (offset < 0)
		return true; /* a device */
	if (ledger->nmoved == MOST_MOVED)
		return false;
	ledger->moved[ledger->nmoved].fd = (int)fd;
	ledger->moved[ledger->nmoved++].offset = offset;
	return true;
}

/* Standard output is appended to. */
bool opened_begin_duplicate(long fd)
{
	if (!is_original(fd))
		return true;
	opened_note_lock(fd);
	return fd == 1 || fd == 2 || opened_note_offset(fd);
}

static void forget_copy(long fd)
{
	if (fd < 0 || fd >= MOST_OLD)
		return;
	ledger->copies[fd / 64] &= ~(1ULL << fd % 64);
	ledger->stateful_copies[fd / 64] &= ~(1ULL << fd % 64);
}

void opened_end_duplicate(long fd, long copy)
{
	if (copy < 0 || copy >= MOST_OLD || fd == copy)
		return;
	forget_copy(copy);
	if (opened_is_old(fd))
		ledger->copies[copy / 64] |= 1ULL << copy % 64;
	if (opened_has_state(fd))
		ledger->stateful_copies[copy / 64] |= 1ULL << copy % 64;
}

void opened_note_lock(long fd)
{
	if (!opened_is_old(fd))
		return;
	ledger->locked[fd / 64] |= 1ULL << fd % 64;
	ledger->locks = true;
}

/* The same under a number that the program does not come across. */
static long duplicate_far(long fd)
{
	long least = control->settings.control_fd - SPARE_NUMBERS;

	return least > fd ? sys_call3(SYS_fcntl, fd, F_DUPFD_CLOEXEC, least) : -1;
}

long opened_hide(long fd)
{
	long hidden = duplicate_far(fd);

	sys_close((int)fd);
	opened_note();
	return hidden;
}

bool opened_set_aside(long fd)
{
	if (!is_original(fd)) {
		forget_copy(fd);
		return true;
	}
	if (opened_has_state(fd) || ledger->naside == MOST_ASIDE)
		return false;
	long flags = sys_call3(SYS_fcntl, fd, F_GETFD, 0);
	long spare = duplicate_far(fd);
	if (flags < 0 || spare < 0)
		return false;
	ledger->aside[ledger->naside].fd = (int)fd;
	ledger->aside[ledger->naside].flags = (int)flags;
	ledger->aside[ledger->naside++].spare = (int)spare;
	ledger->closed[fd / 64] |= 1ULL << fd % 64;
	ledger->opened = true;
	return true;
}

static void bring_back_aside(void)
{
	for (uint32_t i = 0; i < ledger->naside; i++) {
		int fd = ledger->aside[i].fd;
		sys_call3(SYS_dup3, ledger->aside[i].spare, fd, ledger->aside[i].flags & FD_CLOEXEC ? O_CLOEXEC : 0);
		sys_close(ledger->aside[i].spare);
		ledger->closed[fd / 64] &= ~(1ULL << fd % 64);
	}
	ledger->naside = 0;
}

static void bring_back_flags(void)
{
	for (uint32_t i = 0; i < ledger->nflagged; i++) {
		sys_call3(SYS_fcntl, ledger->flagged[i].fd, F_SETFD, ledger->flagged[i].own);
		sys_call3(SYS_fcntl, ledger->flagged[i].fd, F_SETFL, ledger->flagged[i].status);
	}
	ledger->nflagged = 0;
}

/* Record locks are the process's, others the open file's: both are given back. */
static void unlock_files(void)
{
	for (int fd = 0; ledger->locks && fd < MOST_OLD; fd++) {
		struct flock whole = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
		if (!(ledger->locked[fd / 64] >> fd % 64 & 1))
			continue;
		sys_call3(SYS_fcntl, fd, F_SETLK, (long)&whole);
		sys_call3(SYS_fcntl, fd, F_OFD_SETLK, (long)&whole);
		sys_call3(SYS_flock, fd, LOCK_UN, 0);
		ledger->locked[fd / 64] &= ~(1ULL << fd % 64);
	}
	ledger->locks = false;
}

bool opened_is_clean(void)
{
	return !ledger->opened && !ledger->locks && ledger->nmoved == 0 && ledger->naside == 0 && ledger->nflagged == 0;
}

void opened_undo(void)
{
	bring_back_aside();
	bring_back_flags();
	unlock_files();
	for (int i = 0; ledger->opened && i < MOST_OLD / 64; i++)
		ledger->copies[i] = ledger->stateful_copies[i] = 0;
	for (uint32_t i = 0; ledger->opened && i < ledger->ngaps; i++)
		sys_call3(SYS_close_range, (long)ledger->gaps[i].begin, (long)ledger->gaps[i].end, 0);
	for (uint32_t i = 0; i < ledger->nmoved; i++)
		sys_call3(SYS_lseek, ledger->moved[i].fd, ledger->moved[i].offset, SEEK_SET);
	ledger->nmoved = 0;
	ledger->opened = false;
}

#include "undo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "control.h"
#include "opened.h"
#include "region.h"
#include "signals.h"
#include "sys.h"
#include "undo_descriptor.h"

enum { MOST_MAPPED = 256, NSIGNALS = 64, NAME_BYTES = 16, MOST_DROPPED = 1 << 20 };

/* As the kernel has it. */
struct action {
	uint64_t handler, flags, restorer, mask;
};

struct range {
	uint64_t begin, end;
};

/* In shared memory: it must outlive what is put back. */
static struct ledger {
	uint64_t brk, shown; /* the end of the heap as it was, and as the program has set it */
	bool grew, outside;
	uint32_t nmapped;
	struct range mapped[MOST_MAPPED];
	uint64_t changed; /* actions, one bit each */
	struct action actions[NSIGNALS + 1];
	uint64_t mask, pending;
	bool renamed, masked;
	long umask;
	long folder; /* a descriptor of the current folder as it was, once it has been changed; 0: it has not */
	char name[NAME_BYTES];
} *ledger;

static const uint64_t spared = 1ULL << (SIGSEGV - 1) | 1ULL << (SIGSYS - 1);

uint64_t undo_spare_mask(uint64_t mask)
{
	return mask & ~spared;
}

static long set_action(int number, const struct action *action, struct action *old)
{
	return sys_call(SYS_rt_sigaction, number, (long)action, (long)old, 8, 0, 0);
}

/* Handlers must not block the faults that tell what is written. */
static void spare_handlers(void)
{
	struct action action;

	for (int number = 1; number <= NSIGNALS; number++) {
		if (set_action(number, NULL, &action) != 0 || !(action.mask & spared))
			continue;
		action.mask &= ~spared;
		set_action(number, &action, NULL);
	}
}

/* The folder of a process's threads has a link for each, and two of its own. */
static bool is_alone(void)
{
	struct stat status;

	return sys_call(SYS_newfstatat, AT_FDCWD, (long)"/proc/self/task", (long)&status, 0, 0, 0) == 0 &&
		status.st_nlink == 3;
}

bool undo_open(void)
{
	stack_t altstack;

	if (!is_alone())
		return false;
	ledger = sys_map(NULL, sizeof *ledger, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!ledger || sys_call3(SYS_sigaltstack, 0, (long)&altstack, 0) != 0 || !(altstack.ss_flags & SS_DISABLE))
		return false;
	if (!opened_open())
		return false;
	ledger->brk = ledger->shown = (uint64_t)sys_call3(SYS_brk, 0, 0, 0);
	sys_call3(SYS_prctl, PR_GET_NAME, (long)ledger->name, 0);
	sys_call(SYS_rt_sigprocmask, SIG_BLOCK, 0, (long)&ledger->mask, 8, 0, 0);
	sys_call3(SYS_rt_sigpending, (long)&ledger->pending, 8, 0);
	if (ledger->mask & spared)
		return false;
	spare_handlers();
	return true;
}

bool undo_was_outside(void)
{
	return ledger->outside;
}

bool undo_is_clean(void)
{
	return ledger->nmapped == 0 && ledger->changed == 0 && !ledger->grew && ledger->shown == ledger->brk && !ledger->renamed && !ledger->outside && !ledger->masked && ledger->folder == 0 &&
		opened_is_clean();
}

static void bring_back_folder(void)
{
	if (ledger->folder > 0)
		sys_call3(SYS_fchdir, ledger->folder, 0, 0);
	if (ledger->masked)
		sys_call3(SYS_umask, ledger->umask, 0, 0);
	ledger->folder = 0;
	ledger->masked = false;
}

/* Signals that were sent to be blocked, and that nobody took: they must not come later. */
static void drop_signals(void)
{
	static const struct timespec now;
	uint64_t bits = 0;

	if (signals_mask() == 0)
		return;
	sys_call3(SYS_rt_sigpending, (long)&bits, sizeof bits, 0);
	for (bits &= ~ledger->pending; bits != 0; bits &= bits - 1) {
		uint64_t bit = bits & -bits;
		sys_call(SYS_rt_sigtimedwait, (long)&bit, 0, (long)&now, sizeof bit, 0, 0);
	}
}

void undo_all(void)
{
	bring_back_folder();
	opened_undo();
	for (uint32_t i = 0; i < ledger->nmapped; i++)
		sys_call3(SYS_munmap, (long)ledger->mapped[i].begin, (long)(ledger->mapped[i].end - ledger->mapped[i].begin), 0);
	for (uint64_t bits = ledger->changed; bits != 0; bits &= bits - 1) {
		int number = __builtin_ctzll(bits) + 1;
		set_action(number, &ledger->actions[number], NULL);
	}
	if (ledger->grew)
		sys_call3(SYS_brk, (long)ledger->brk, 0, 0);
	if (ledger->renamed)
		sys_call3(SYS_prctl, PR_SET_NAME, (long)ledger->name, 0);
	drop_signals();
	signals_set_mask(ledger->mask);
	ledger->shown = ledger->brk;
	ledger->changed = ledger->nmapped = 0;
	ledger->grew = ledger->renamed = ledger->outside = false;
}

/* What is to be known of a system call. */
enum kind {
	LEAVES_NOTHING, /* whatever its descriptor */
	OPENS,
	MOVES,          /* the offset of its descriptor */
	NEW_ONLY,       /* undone by closing its descriptor */
	SPECIAL,
	OUTSIDE = 8, /* besides: something outside the process is no longer the same */
	OUTSIDE_MOVES = OUTSIDE | MOVES, OUTSIDE_OPENS = OUTSIDE | OPENS,
	OUTSIDE_NEW = OUTSIDE | NEW_ONLY,
};

struct row {
	short number;
	unsigned char kind;
	signed char out;    /* argument that the kernel writes to, 0: the first; -1: none */
	signed char length; /* argument that says how many bytes, -1: see nbytes */
	unsigned short nbytes;
	bool (*perform)(const long *arguments, long *result);
};

static bool is_mapped(uint64_t begin, uint64_t nbytes)
{
	for (uint32_t i = 0; i < ledger->nmapped; i++)
		if (begin >= ledger->mapped[i].begin && begin + nbytes <= ledger->mapped[i].end)
			return true;
	return false;
}

static bool note_mapped(uint64_t begin, uint64_t nbytes)
{
	if (ledger->nmapped == MOST_MAPPED)
		return false;
	ledger->mapped[ledger->nmapped++] = (struct range){begin, begin + ((nbytes + 4095) & ~4095ULL)};
	return true;
}

static bool map(const long *a, long *result)
{
	bool inside = is_mapped((uint64_t)a[0], (uint64_t)a[1]);

	if (ledger->nmapped == MOST_MAPPED || ((a[3] & MAP_FIXED) && !inside))
		return false;
	*result = sys_call(SYS_mmap, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (!inside && (*result > 0 || *result < -4095))
		note_mapped((uint64_t)*result, (uint64_t)a[1]);
	return true;
}

static bool remap(const long *a, long *result)
{
	if (ledger->nmapped == MOST_MAPPED || (a[3] & MREMAP_FIXED) || !is_mapped((uint64_t)a[0], (uint64_t)a[1]))
		return false;
	*result = sys_call(SYS_mremap, a[0], a[1], a[2], a[3], a[4], 0);
	if (*result > 0 || *result < -4095)
		note_mapped((uint64_t)*result, (uint64_t)a[2]);
	return true;
}

static bool unmap(const long *a, long *result)
{
	*result = 0;
	if (!is_mapped((uint64_t)a[0], (uint64_t)a[1]))
		return region_hide((uint64_t)a[0], (uint64_t)a[1]);
	*result = sys_call3(SYS_munmap, a[0], a[1], 0);
	return true;
}

static bool change_protection(const long *a, long *result)
{
	if (!is_mapped((uint64_t)a[0], (uint64_t)a[1]))
		return false;
	*result = sys_call3(SYS_mprotect, a[0], a[1], a[2]);
	return true;
}

static bool advise(const long *a, long *result)
{
	bool drops = a[2] == MADV_DONTNEED || a[2] == MADV_FREE || a[2] == MADV_REMOVE;

	if (drops && !is_mapped((uint64_t)a[0], (uint64_t)a[1]) &&
		(a[1] > MOST_DROPPED || !region_touch((uint64_t)a[0], (uint64_t)a[1])))
		return false;
	*result = sys_call3(SYS_madvise, a[0], a[1], a[2]);
	return true;
}

/* What is given back of the heap stays; when the program gets it again it is zero. */
static bool shrink_heap(uint64_t end)
{
	uint64_t top = ledger->shown < ledger->brk ? ledger->shown : ledger->brk;
	uint64_t nbytes = end < top ? top - end : 0;

	if (nbytes > MOST_DROPPED || (nbytes > 0 && !region_touch(end, nbytes)))
		return false;
	if (nbytes > 0)
		memset((void *)(uintptr_t)end, 0, nbytes);
	if (ledger->grew)
		sys_call3(SYS_brk, (long)ledger->brk, 0, 0);
	return true;
}

static bool set_brk(const long *a, long *result)
{
	uint64_t end = (uint64_t)a[0];

	if (end != 0 && end < ledger->brk && !shrink_heap(end))
		return false;
	if (end >= ledger->brk) {
		ledger->grew = true;
		end = (uint64_t)sys_call3(SYS_brk, a[0], 0, 0);
	}
	if (end != 0)
		ledger->shown = end;
	*result = (long)ledger->shown;
	return true;
}

static bool change_action(const long *a, long *result)
{
	const struct action *wanted = (const struct action *)a[1];
	struct action action;
	int number = (int)a[0];

	if (number < 1 || number > NSIGNALS || number == SIGSEGV || number == SIGSYS)
		return false;
	if (wanted && !(ledger->changed >> (number - 1) & 1)) {
		set_action(number, NULL, &ledger->actions[number]);
		ledger->changed |= 1ULL << (number - 1);
	}
	if (wanted)
		action = (struct action){wanted->handler, wanted->flags, wanted->restorer, wanted->mask & ~spared};
	if (a[2])
		region_touch((uint64_t)a[2], sizeof action);
	*result = set_action(number, wanted ? &action : NULL, (struct action *)a[2]);
	return true;
}

static bool change_mask(const long *a, long *result)
{
	uint64_t mask = a[1] ? *(const uint64_t *)a[1] & ~spared : 0;

	if (a[2])
		region_touch((uint64_t)a[2], sizeof mask);
	*result = sys_call(SYS_rt_sigprocmask, a[0], a[1] ? (long)&mask : 0, a[2], a[3], 0, 0);
	return true;
}

static bool get_limit(const long *a, long *result)
{
	if (a[2] != 0 || !region_touch((uint64_t)a[3], 16))
		return false;
	*result = sys_call(SYS_prlimit64, a[0], a[1], 0, a[3], 0, 0);
	return true;
}

/* A folder may be gone by name. */
static bool keep_folder(void)
{
	if (ledger->folder == 0) {
		long fd = sys_open(".", O_PATH | O_DIRECTORY, 0);
		ledger->folder = fd < 0 ? 0 : opened_hide(fd);
	}
	return ledger->folder > 0;
}

static bool change_folder(const long *a, long *result)
{
	if (!keep_folder())
		return false;
	*result = sys_call3(SYS_chdir, a[0], 0, 0);
	return true;
}

static bool change_folder_to(const long *a, long *result)
{
	if (!keep_folder())
		return false;
	*result = sys_call3(SYS_fchdir, a[0], 0, 0);
	return true;
}

static bool change_umask(const long *a, long *result)
{
	*result = sys_call3(SYS_umask, a[0], 0, 0);
	if (!ledger->masked)
		ledger->umask = *result;
	return ledger->masked = true;
}

static bool do_prctl(const long *a, long *result)
{
	if (a[0] == PR_GET_NAME)
		region_touch((uint64_t)a[1], NAME_BYTES);
	else if (a[0] == PR_SET_NAME)
		ledger->renamed = true;
	else
		return false;
	*result = sys_call(SYS_prctl, a[0], a[1], a[2], a[3], a[4], 0);
	return true;
}

#define NONE -1
static const struct row rows[] = {
	{SYS_read, MOVES, 1, 2, 0, NULL}, {SYS_pread64, LEAVES_NOTHING, 1, 2, 0, NULL},
	{SYS_write, OUTSIDE_MOVES, NONE, 0, 0, NULL}, {SYS_writev, OUTSIDE_MOVES, NONE, 0, 0, NULL},
	{SYS_pwrite64, OUTSIDE, NONE, 0, 0, NULL}, {SYS_lseek, MOVES, NONE, 0, 0, NULL},
	{SYS_readv, SPECIAL, 0, 0, 0, undo_descriptor_read}, {SYS_getdents64, MOVES, 1, 2, 0, NULL},
	{SYS_fstat, LEAVES_NOTHING, 1, NONE, 144, NULL}, {SYS_stat, LEAVES_NOTHING, 1, NONE, 144, NULL},
	{SYS_lstat, LEAVES_NOTHING, 1, NONE, 144, NULL}, {SYS_newfstatat, LEAVES_NOTHING, 2, NONE, 144, NULL},
	{SYS_statx, LEAVES_NOTHING, 4, NONE, 256, NULL}, {SYS_statfs, LEAVES_NOTHING, 1, NONE, 120, NULL},
	{SYS_fstatfs, LEAVES_NOTHING, 1, NONE, 120, NULL}, {SYS_access, LEAVES_NOTHING, NONE, 0, 0, NULL},
	{SYS_faccessat, LEAVES_NOTHING, NONE, 0, 0, NULL}, {SYS_faccessat2, LEAVES_NOTHING, NONE, 0, 0, NULL},
	{SYS_readlink, LEAVES_NOTHING, 1, 2, 0, NULL}, {SYS_readlinkat, LEAVES_NOTHING, 2, 3, 0, NULL},
	{SYS_getcwd, LEAVES_NOTHING, 0, 1, 0, NULL}, {SYS_uname, LEAVES_NOTHING, 0, NONE, 390, NULL},
	{SYS_sysinfo, LEAVES_NOTHING, 0, NONE, 112, NULL}, {SYS_getrusage, LEAVES_NOTHING, 1, NONE, 144, NULL},
	{SYS_times, LEAVES_NOTHING, 0, NONE, 32, NULL}, {SYS_getrandom, LEAVES_NOTHING, 0, 1, 0, NULL},
	{SYS_clock_gettime, LEAVES_NOTHING, 1, NONE, 16, NULL}, {SYS_clock_getres, LEAVES_NOTHING, 1, NONE, 16, NULL},
	{SYS_gettimeofday, LEAVES_NOTHING, 0, NONE, 16, NULL}, {SYS_time, LEAVES_NOTHING, 0, NONE, 8, NULL},
	{SYS_getpid, LEAVES_NOTHING, NONE, 0, 0, NULL}, {SYS_gettid, LEAVES_NOTHING, NONE, 0, 0, NULL},
	{SYS_getppid, LEAVES_NOTHING, NONE, 0, 0, NULL}, {SYS_getuid, LEAVES_NOTHING, NONE, 0, 0, NULL},
	{SYS_geteuid, LEAVES_NOTHING, NONE, 0, 0, NULL}, {SYS_getgid, LEAVES_NOTHING, NONE, 0, 0, NULL},
	{SYS_getegid, LEAVES_NOTHING, NONE, 0, 0, NULL}, {SYS_getpgrp, LEAVES_NOTHING, NONE, 0, 0, NULL},
	{SYS_sched_yield, LEAVES_NOTHING, NONE, 0, 0, NULL}, {SYS_sched_getaffinity, LEAVES_NOTHING, 2, 1, 0, NULL},
	{SYS_futex, LEAVES_NOTHING, NONE, 0, 0, NULL},
	{SYS_open, OPENS, NONE, 0, 0, NULL}, {SYS_openat, OPENS, NONE, 0, 0, NULL}, {SYS_creat, OUTSIDE_OPENS, NONE, 0, 0, NULL},
	{SYS_dup, SPECIAL, 0, 0, 0, undo_descriptor_copy}, {SYS_socket, OUTSIDE_OPENS, NONE, 0, 0, NULL}, {SYS_eventfd2, OPENS, NONE, 0, 0, NULL},
	{SYS_epoll_create1, OPENS, NONE, 0, 0, NULL}, {SYS_timerfd_create, OPENS, NONE, 0, 0, NULL},
	{SYS_memfd_create, OPENS, NONE, 0, 0, NULL}, {SYS_pipe, OPENS, 0, NONE, 8, NULL},
	{SYS_pipe2, OPENS, 0, NONE, 8, NULL}, {SYS_socketpair, OPENS, 3, NONE, 8, NULL},
	{SYS_fsync, OUTSIDE, NONE, 0, 0, NULL}, {SYS_fdatasync, OUTSIDE, NONE, 0, 0, NULL},
	{SYS_ftruncate, OUTSIDE, NONE, 0, 0, NULL}, {SYS_fallocate, OUTSIDE, NONE, 0, 0, NULL},
	{SYS_flock, SPECIAL, 0, 0, 0, undo_descriptor_lock}, {SYS_fchmod, OUTSIDE, NONE, 0, 0, NULL},
	{SYS_fchown, OUTSIDE, NONE, 0, 0, NULL}, {SYS_unlink, OUTSIDE, NONE, 0, 0, NULL},
	{SYS_unlinkat, OUTSIDE, NONE, 0, 0, NULL}, {SYS_rename, OUTSIDE, NONE, 0, 0, NULL},
	{SYS_mkdir, OUTSIDE, NONE, 0, 0, NULL}, {SYS_rmdir, OUTSIDE, NONE, 0, 0, NULL},
	{SYS_chmod, OUTSIDE, NONE, 0, 0, NULL}, {SYS_truncate, OUTSIDE, NONE, 0, 0, NULL},
	{SYS_utimensat, OUTSIDE, NONE, 0, 0, NULL},
	{SYS_link, OUTSIDE, NONE, 0, 0, NULL}, {SYS_linkat, OUTSIDE, NONE, 0, 0, NULL}, {SYS_symlink, OUTSIDE, NONE, 0, 0, NULL},
	{SYS_symlinkat, OUTSIDE, NONE, 0, 0, NULL}, {SYS_mkdirat, OUTSIDE, NONE, 0, 0, NULL},
	{SYS_renameat, OUTSIDE, NONE, 0, 0, NULL}, {SYS_renameat2, OUTSIDE, NONE, 0, 0, NULL},
	{SYS_fchmodat, OUTSIDE, NONE, 0, 0, NULL}, {SYS_fchownat, OUTSIDE, NONE, 0, 0, NULL},
	{SYS_bind, OUTSIDE_NEW, NONE, 0, 0, NULL}, {SYS_listen, OUTSIDE_NEW, NONE, 0, 0, NULL},
	{SYS_connect, OUTSIDE_NEW, NONE, 0, 0, NULL}, {SYS_shutdown, SPECIAL, 0, 0, 0, undo_descriptor_shutdown},
	{SYS_setsockopt, NEW_ONLY, NONE, 0, 0, NULL}, {SYS_sendto, OUTSIDE_NEW, NONE, 0, 0, NULL},
	{SYS_sendmsg, OUTSIDE_NEW, NONE, 0, 0, NULL}, {SYS_epoll_ctl, NEW_ONLY, NONE, 0, 0, NULL},
	{SYS_timerfd_settime, NEW_ONLY, 3, NONE, 32, NULL}, {SYS_timerfd_gettime, LEAVES_NOTHING, 1, NONE, 32, NULL},
	{SYS_rt_sigpending, LEAVES_NOTHING, 0, NONE, 8, NULL}, {SYS_nanosleep, LEAVES_NOTHING, 1, NONE, 16, NULL},
	{SYS_clock_nanosleep, LEAVES_NOTHING, 3, NONE, 16, NULL}, {SYS_getpgid, LEAVES_NOTHING, NONE, 0, 0, NULL},
	{SYS_getsid, LEAVES_NOTHING, NONE, 0, 0, NULL}, {SYS_umask, SPECIAL, 0, 0, 0, change_umask},
	{SYS_chdir, SPECIAL, 0, 0, 0, change_folder}, {SYS_fchdir, SPECIAL, 0, 0, 0, change_folder_to},
	{SYS_recvfrom, SPECIAL, 0, 0, 0, undo_descriptor_receive},
	{SYS_recvmsg, SPECIAL, 0, 0, 0, undo_descriptor_receive_message},
	{SYS_accept, SPECIAL, 0, 0, 0, undo_descriptor_accept},
	{SYS_accept4, SPECIAL, 0, 0, 0, undo_descriptor_accept_with},
	{SYS_getsockname, SPECIAL, 0, 0, 0, undo_descriptor_name},
	{SYS_getpeername, SPECIAL, 0, 0, 0, undo_descriptor_peer},
	{SYS_getsockopt, SPECIAL, 0, 0, 0, undo_descriptor_option},
	{SYS_poll, SPECIAL, 0, 0, 0, undo_descriptor_poll},
	{SYS_ppoll, SPECIAL, 0, 0, 0, undo_descriptor_poll_until},
	{SYS_select, SPECIAL, 0, 0, 0, undo_descriptor_select},
	{SYS_pselect6, SPECIAL, 0, 0, 0, undo_descriptor_select_until},
	{SYS_epoll_wait, SPECIAL, 0, 0, 0, undo_descriptor_events},
	{SYS_epoll_pwait, SPECIAL, 0, 0, 0, undo_descriptor_events_until},
	{SYS_mmap, SPECIAL, 0, 0, 0, map}, {SYS_mremap, SPECIAL, 0, 0, 0, remap}, {SYS_munmap, SPECIAL, 0, 0, 0, unmap},
	{SYS_mprotect, SPECIAL, 0, 0, 0, change_protection}, {SYS_madvise, SPECIAL, 0, 0, 0, advise},
	{SYS_brk, SPECIAL, 0, 0, 0, set_brk}, {SYS_rt_sigaction, SPECIAL, 0, 0, 0, change_action},
	{SYS_rt_sigprocmask, SPECIAL, 0, 0, 0, change_mask}, {SYS_fcntl, SPECIAL, 0, 0, 0, undo_descriptor_control},
	{SYS_close, SPECIAL, 0, 0, 0, undo_descriptor_close}, {SYS_dup2, SPECIAL, 0, 0, 0, undo_descriptor_duplicate},
	{SYS_dup3, SPECIAL, 0, 0, 0, undo_descriptor_duplicate_with}, {SYS_prlimit64, SPECIAL, 0, 0, 0, get_limit},
	{SYS_prctl, SPECIAL, 0, 0, 0, do_prctl}, {SYS_ioctl, SPECIAL, 0, 0, 0, undo_descriptor_ask},
};

static const struct row *row_of(long number)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].number == number)
			return &rows[i];
	return NULL;
}

/* Standard output is appended to, whoever reads it. */
static bool is_let(const struct row *row, const long *a)
{
	if ((row->kind & ~OUTSIDE) == NEW_ONLY)
		return !opened_is_old(a[0]);
	if ((row->kind & ~OUTSIDE) == MOVES && opened_is_old(a[0]) && a[0] != 1 && a[0] != 2)
		return !opened_has_state(a[0]) && opened_note_offset(a[0]);
	return true;
}

bool undo_perform(long number, const long *a, long *result)
{
	const struct row *row = row_of(number);

	if (!row)
		return false;
	if (row->kind == SPECIAL)
		return row->perform(a, result);
	if (!is_let(row, a))
		return false;
	if (row->out >= 0 &&
		!region_touch((uint64_t)a[row->out], row->length >= 0 ? (uint64_t)a[row->length] : row->nbytes))
		return false;
	if ((row->kind & ~OUTSIDE) == OPENS)
		opened_note();
	ledger->outside |= (row->kind & OUTSIDE) || ((number == SYS_open ? a[1] : number == SYS_openat ? a[2] : 0) & O_CREAT);
	*result = sys_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	return true;
}

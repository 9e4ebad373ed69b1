/* The kernel writes where the program has not written since the first thread was created: each call is given memory of its
 * own, across the border of two such pages. Prints what each gave, natively and in every execution the same.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096, PAGES = 256, ACROSS = 8 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *cold, *next;
static const char *self;

/* What calls both read and write, as main left it. */
static struct flock *wanted;
static struct pollfd *queries;
static fd_set *writable;
static struct timeval *patience;
static struct msghdr *message;
static socklen_t *lengths[4];

/* Never written by an execution until the kernel does. */
static void *page(void)
{
	next += 2 * PAGE_BYTES;
	assert(next + PAGE_BYTES < cold + PAGES * PAGE_BYTES);
	return next - ACROSS;
}

static void tell(const char *what, long result)
{
	printf("%s %s; ", what, result < 0 ? "fails" : "ok");
}

static void use_files(void)
{
	struct iovec first = {page(), 16};
	int file = open(self, O_RDONLY), folder = open("/", O_RDONLY | O_DIRECTORY);

	tell("fstat", fstat(file, page()));
	tell("stat", stat("/", page()));
	tell("lstat", lstat("/", page()));
	tell("read", read(file, page(), 16));
	tell("pread", pread(file, page(), 16, 0));
	tell("readv", readv(file, &first, 1));
	tell("readlink", readlink("/proc/self/exe", page(), 16));
	tell("getcwd", getcwd(page(), 2048) ? 0 : -1);
	tell("getdents", getdents64(folder, page(), 2048));
	tell("ioctl", ioctl(file, FIONREAD, page()));
	tell("getlk", fcntl(file, F_GETLK, wanted));
	close(file);
	close(folder);
}

static void use_system(void)
{
	tell("uname", uname(page()));
	tell("sysinfo", sysinfo(page()));
	tell("getrusage", getrusage(RUSAGE_SELF, page()));
	tell("getrlimit", getrlimit(RLIMIT_NOFILE, page()));
	tell("times", times(page()) == -1 ? -1 : 0);
	tell("getrandom", getrandom(page(), 16, 0));
	tell("sigprocmask", sigprocmask(SIG_BLOCK, NULL, page()));
	tell("sigpending", sigpending(page()));
	tell("sigaction", sigaction(SIGUSR1, NULL, page()));
	tell("clock", clock_gettime(CLOCK_REALTIME, page()));
	tell("clock resolution", clock_getres(CLOCK_REALTIME, page()));
}

static void receive(int *ends)
{
	tell("send", send(ends[1], "0123456789012345678901234567890123456789", 40, 0));
	tell("getsockopt", getsockopt(ends[0], SOL_SOCKET, SO_TYPE, page(), lengths[0]));
	tell("recv", recv(ends[0], page(), 10, 0));
	tell("recvfrom", recvfrom(ends[0], page(), 10, 0, page(), lengths[1]));
	tell("recvmsg", recvmsg(ends[0], message, 0));
	tell("read from a socket", read(ends[0], page(), 10));
	tell("getsockname", getsockname(ends[0], page(), lengths[2]));
	tell("getpeername", getpeername(ends[0], page(), lengths[3]));
}

static void be_told(int *ends)
{
	struct epoll_event event = {.events = EPOLLOUT};
	int set = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, 0);

	tell("poll", poll(queries, 4, 0) == 4 ? 0 : -1);
	tell("select", select(2, NULL, writable, NULL, patience) - 1);
	tell("epoll_ctl", epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
	tell("epoll_wait", epoll_wait(set, page(), 4, 0) - 1);
	tell("timerfd", timerfd_settime(timer, 0, &(struct itimerspec){.it_value.tv_sec = 1000}, page()));
	tell("timerfd again", timerfd_gettime(timer, page()));
	close(set);
	close(timer);
}

static void *work(void *unused)
{
	int *ends = page(), *others = page();

	pthread_mutex_lock(&lock);
	tell("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	tell("pipe", pipe(others));
	use_files();
	use_system();
	receive(ends);
	be_told(ends);
	puts("done");
	pthread_mutex_unlock(&lock);
	return unused;
}

static void *idle(void *unused)
{
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	return unused;
}

static void prepare(void)
{
	wanted = page();
	wanted->l_type = F_RDLCK;
	wanted->l_whence = SEEK_SET;
	wanted->l_start = wanted->l_len = 0;
	queries = page();
	for (int i = 0; i < 4; i++)
		queries[i] = (struct pollfd){.fd = 1, .events = POLLOUT};
	writable = page();
	FD_ZERO(writable);
	FD_SET(1, writable);
	patience = page();
	*patience = (struct timeval){0};
	message = page();
	*message = (struct msghdr){.msg_iov = page(), .msg_iovlen = 1, .msg_name = page(),
		.msg_namelen = sizeof(struct sockaddr_un), .msg_control = page(), .msg_controllen = 64};
	*message->msg_iov = (struct iovec){page(), 10};
	for (int i = 0; i < 4; i++) {
		lengths[i] = page();
		*lengths[i] = sizeof(struct sockaddr_un);
	}
}

int main(int count, char **arguments)
{
	pthread_t threads[2];

	assert(count == 1);
	self = arguments[0];
	cold = mmap(NULL, PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(cold, 7, PAGES * PAGE_BYTES);
	next = cold;
	prepare();
	pthread_create(&threads[0], NULL, work, NULL);
	pthread_create(&threads[1], NULL, idle, NULL);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	return 0;
}

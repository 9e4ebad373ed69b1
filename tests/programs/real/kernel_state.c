/* What an execution does to its process must not be seen by the next one: kernel_state WHAT. Each prints what it finds,
 * natively and in every execution the same.
 *     memory heap anonymous unmapped file leak handler mask name large streams directory umask timer closed redirected
 *     locked written socket                                                        can be undone
 *     fork pipe stack files shared protected                                       can't
 */
#include <arpa/inet.h>
#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int counter = 5;
static int *shared;
static char *heap, *large, *early;
static int file, ends[2];
enum { HEAP_BYTES = 50000, LARGE_BYTES = 100 << 20, PAGE_BYTES = 4096 };

static void memory(void)
{
	counter++;
	heap[100]++;
	printf("memory %d %d %d\n", counter, heap[100], heap[HEAP_BYTES - 1]);
	memset(heap, 9, HEAP_BYTES);
}

static void grow_heap(void)
{
	long sum = 0;
	char *blocks[50];
	for (int i = 0; i < 50; i++) {
		blocks[i] = calloc(1, 20000);
		for (int j = 0; j < 20000; j++)
			sum += blocks[i][j];
		memset(blocks[i], 1, 20000);
	}
	for (int i = 0; i < 50; i += 2)
		free(blocks[i]);
	char *big = calloc(1, 1 << 20);
	sum += big[1 << 19];
	memset(big, 1, 1 << 20);
	printf("heap %ld\n", sum);
}

static void anonymous(void)
{
	char *first = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *second = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	printf("anonymous %d %d\n", first[5], second[5]);
	first[5] = second[5] = 1;
	munmap(first, 1 << 16);
}

static void count_shared(void)
{
	printf("shared %d\n", ++*shared);
}

static void unmap_early(void)
{
	printf("unmapped %d %d\n", early[5], early[3 * PAGE_BYTES]);
	early[5] = 9;
	munmap(early, 1 << 16);
}

static void read_file(void)
{
	char text[8] = "";
	printf("file %zd ", read(file, text, 7));
	printf("%s at %ld\n", text, (long)lseek(file, 0, SEEK_CUR));
}

static void leak(void)
{
	int descriptor = open("/dev/null", O_RDONLY), pair[2];
	printf("leak %d", descriptor >= 3);
	printf(" %d", pipe(pair));
	int other = dup(pair[0]);
	printf(" %d\n", other - descriptor);
}

static void on_signal(int number) { (void)number; }

static void handler(void)
{
	struct sigaction action = {.sa_handler = on_signal}, before;
	sigaction(SIGUSR1, &action, &before);
	printf("handler %d\n", before.sa_handler == SIG_DFL);
}

static void mask(void)
{
	sigset_t set, before;
	sigfillset(&set);
	pthread_sigmask(SIG_BLOCK, &set, &before);
	pthread_sigmask(SIG_BLOCK, NULL, &set);
	printf("mask %d %d\n", sigismember(&before, SIGUSR2), sigismember(&set, SIGUSR2));
}

static void name(void)
{
	char text[16];
	prctl(PR_GET_NAME, text);
	printf("name %s\n", text);
	prctl(PR_SET_NAME, "changed");
}

static void touch_large(void)
{
	long sum = 0;
	for (int i = 0; i < LARGE_BYTES; i += 1 << 20)
		sum += large[i]++;
	printf("large %ld\n", sum);
}

static void read_input(void)
{
	char text[8] = "";
	ssize_t length = read(0, text, 3);
	printf("streams %zd %s\n", length, text);
}

static void make_child(void)
{
	fflush(stdout);
	pid_t child = fork();
	if (child == 0)
		_exit(3);
	int status;
	waitpid(child, &status, 0);
	printf("fork %d\n", WEXITSTATUS(status));
}

static void use_pipe(void)
{
	char text[4] = "";
	if (write(ends[1], "abc", 3) != 3 || read(ends[0], text, 2) != 2)
		puts("pipe fails");
	printf("pipe %s\n", text);
}

static void use_stack(void)
{
	static char bytes[65536];
	stack_t stack = {.ss_sp = bytes, .ss_size = sizeof bytes}, before;
	printf("stack %d", sigaltstack(&stack, &before));
	printf(" %d\n", before.ss_flags == SS_DISABLE);
}

static void change_directory(void)
{
	char text[64] = "";
	printf("directory %d", access("kernel_state", F_OK));
	printf(" %d", chdir("/"));
	printf(" %s\n", getcwd(text, sizeof text));
}

static void change_umask(void)
{
	printf("umask %o\n", umask(0123));
	umask(0321);
}

static void set_timers(void)
{
	struct itimerval later = {.it_value.tv_sec = 1000}, before;
	timer_t timer;
	struct itimerspec then = {.it_value.tv_sec = 1000}, left;
	printf("timer %d", setitimer(ITIMER_REAL, &later, &before));
	printf(" %ld", before.it_value.tv_sec);
	printf(" %d", timer_create(CLOCK_MONOTONIC, NULL, &timer));
	printf(" %d", timer_settime(timer, 0, &then, NULL));
	printf(" %d\n", timer_gettime(timer, &left));
}

/* What main has opened is another file meanwhile, then nobody's. */
static void close_early(void)
{
	char text[8] = "";
	printf("closed %d", close(file));
	int other = open("/dev/zero", O_RDONLY);
	printf(" %d %zd", other == file, read(other, text, 4));
	printf(" %d", close(other));
	printf(" %d\n", close(other));
}

static void redirect_output(void)
{
	int kept = dup(1), other = open("/dev/null", O_WRONLY);
	fflush(stdout);
	printf("lost %d\n", dup2(other, 1));
	fflush(stdout);
	printf("redirected %d\n", dup2(kept, 1));
	fflush(stdout);
	dup2(other, 1);
	puts("lost, too");
	fclose(stdout);
}

static void lock_file(void)
{
	struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	int other = open("kernel_state", O_RDONLY);
	printf("locked %d", flock(other, LOCK_EX | LOCK_NB));
	printf(" %d", flock(file, LOCK_EX | LOCK_NB));
	printf(" %d", close(other));
	printf(" %d", flock(file, LOCK_EX | LOCK_NB));
	printf(" %d\n", fcntl(file, F_SETLK, &whole));
}

/* What it writes stays; where it wrote is put back. */
static void write_file(void)
{
	int own = open("own", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	printf("written %zd", write(own, "text", 4));
	printf(" %ld", (long)lseek(own, 0, SEEK_CUR));
	printf(" %ld\n", (long)lseek(file, 7, SEEK_CUR));
}

static void use_socket(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	char text[8] = "";
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	printf("socket %d", bind(listener, (struct sockaddr *)&address, length));
	printf(" %d", listen(listener, 1));
	printf(" %d", getsockname(listener, (struct sockaddr *)&address, &length));
	printf(" %d", connect(client, (struct sockaddr *)&address, length));
	int server = accept(listener, (struct sockaddr *)&address, &length);
	printf(" %zd", send(client, "abc", 3, 0));
	printf(" %zd", recv(server, text, 7, 0));
	printf(" %s\n", text);
}

static void protect_early(void)
{
	printf("protected %d", mprotect(early, 1 << 16, PROT_READ));
	printf(" %d\n", mprotect(early, 1 << 16, PROT_READ | PROT_WRITE));
}

/* What main wrote, and every execution changes. */
static void change_files(void)
{
	char text[8] = "";
	int descriptor = open("written", O_RDWR);
	printf("files %zd", read(descriptor, text, 7));
	printf(" %s\n", text);
	close(descriptor);
	unlink("written");
}

static const struct part {
	const char *name;
	void (*run)(void);
} parts[] = {
	{"memory", memory}, {"heap", grow_heap}, {"anonymous", anonymous}, {"unmapped", unmap_early}, {"file", read_file}, {"leak", leak},
	{"handler", handler}, {"mask", mask}, {"name", name}, {"large", touch_large}, {"streams", read_input}, {"fork", make_child},
	{"pipe", use_pipe}, {"stack", use_stack}, {"directory", change_directory}, {"files", change_files}, {"shared", count_shared},
	{"umask", change_umask}, {"timer", set_timers}, {"closed", close_early}, {"redirected", redirect_output},
	{"locked", lock_file}, {"written", write_file}, {"socket", use_socket}, {"protected", protect_early},
};

static void *work(void *argument)
{
	const struct part *part = argument;
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&lock);
		if (i == 1)
			part->run();
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void *idle(void *argument)
{
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
	}
	return argument;
}

int main(int count, char **arguments)
{
	pthread_t threads[2];
	assert(count == 2);
	heap = calloc(1, HEAP_BYTES);
	if (strcmp(arguments[1], "large") == 0) {
		large = malloc(LARGE_BYTES);
		for (int i = 0; i < LARGE_BYTES; i += PAGE_BYTES)
			large[i] = 1;
	}
	file = open(arguments[0], O_RDONLY);
	lseek(file, 1, SEEK_SET);
	early = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(early, 7, 1 << 16);
	if (strcmp(arguments[1], "streams") == 0) {
		char first[4] = "";
		assert(read(0, first, 3) == 3);
		printf("first %s; ", first);
		fflush(stdout);
	}
	if (strcmp(arguments[1], "files") == 0) {
		int written = open("written", O_WRONLY | O_CREAT, 0600);
		assert(write(written, "text", 4) == 4 && close(written) == 0);
	}
	if (strcmp(arguments[1], "shared") == 0)
		shared = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (strcmp(arguments[1], "pipe") == 0)
		assert(pipe(ends) == 0);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (strcmp(parts[i].name, arguments[1]) != 0)
			continue;
		pthread_create(&threads[0], NULL, work, (void *)&parts[i]);
		pthread_create(&threads[1], NULL, idle, NULL);
		pthread_join(threads[0], NULL);
		pthread_join(threads[1], NULL);
		return 0;
	}
	return 2;
}

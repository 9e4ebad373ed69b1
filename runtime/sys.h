/*
 * Raw system calls. The runtime never goes through libc for them: no errno, no cancellation point, no interposition.
 * Every call returns the kernel's value: a result, or a negative errno.
 */
#ifndef RACE_SYS_H
#define RACE_SYS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

static inline long sys_call_once(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

/*
 * Lets the kernel write to memory that is protected until it is first written (region.h); NULL: none is. The kernel says
 * EFAULT instead: then the call is made again. What takes something away before it fails (a message, a connection) must
 * be let write beforehand.
 */
extern void (*sys_let_write)(uint64_t address, uint64_t nbytes) __attribute__((visibility("hidden")));

long sys_call_again(long number, long a, long b, long c, long d, long e, long f);

static inline long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
	enum { FAULT = -14 };
	long result = sys_call_once(number, a, b, c, d, e, f);

	return __builtin_expect(result == FAULT, 0) ? sys_call_again(number, a, b, c, d, e, f) : result;
}

static inline long sys_call3(long number, long a, long b, long c)
{
	return sys_call(number, a, b, c, 0, 0, 0);
}

/* Sleeps while *word == expected, at most timeout_ns (negative: for ever). The futex may be shared by processes. */
long sys_futex_wait(uint32_t *word, uint32_t expected, int64_t timeout_ns);
long sys_futex_wake(uint32_t *word, uint32_t count);

void *sys_map(void *address, size_t nbytes, int protection, int flags, int fd, uint64_t offset); /* NULL on error */
int sys_gettid(void);
int sys_getpid(void);
void sys_exit_group(int status) __attribute__((noreturn));

/* Opens (with close-on-exec), reads and writes whole buffers; negative errno on error. */
long sys_open(const char *path, int flags, int mode);
long sys_read(int fd, void *buffer, size_t nbytes);
long sys_write(int fd, const void *buffer, size_t nbytes);
long sys_close(int fd);

/* Copies a regular file; the target is created or truncated. 0, or a negative errno (-ENOENT: no source). */
long sys_copy_file(const char *from, const char *to);

/* Monotonic time of the machine, not of the execution. */
uint64_t sys_now_ns(void);

#endif

/*
 * Runs a command as an ordinary container does: deny COMMAND [ARGUMENT]... A seccomp filter answers EPERM to the system
 * calls that container runtimes keep from their guests, and ENOSYS to clone3 as they do.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const uint32_t denied[] = {SYS_personality, SYS_ptrace, SYS_perf_event_open, SYS_userfaultfd, SYS_bpf,
	SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_pidfd_getfd, SYS_unshare, SYS_setns, SYS_mount,
	SYS_umount2, SYS_add_key, SYS_keyctl, SYS_io_uring_setup, SYS_open_by_handle_at, SYS_lookup_dcookie, SYS_acct,
	SYS_kexec_load, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_swapon, SYS_reboot, SYS_quotactl};

enum { NDENIED = sizeof denied / sizeof *denied };

static void fill(struct sock_filter *filter, size_t *length)
{
	size_t n = 0;

	filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1);
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
	for (size_t i = 0; i < NDENIED; i++) {
		filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, denied[i], 0, 1);
		filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	}
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	*length = n;
}

int main(int count, char **words)
{
	struct sock_filter filter[2 * NDENIED + 4];
	size_t length;

	fill(filter, &length);
	struct sock_fprog program = {(unsigned short)length, filter};
	if (count < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
		perror("deny");
		return 77;
	}
	execvp(words[1], words + 1);
	perror(words[1]);
	return 127;
}

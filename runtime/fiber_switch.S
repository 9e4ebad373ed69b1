/*
 * Leaving one stack for another. What a function must keep (System V ABI, x86-64) is pushed on the stack that is left:
 * callee-saved registers, the control word of the x87 and that of SSE. The thread control block goes with the stack.
 */
#include <sys/syscall.h>

#define ARCH_SET_FS 0x1002

.macro save_registers
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	subq $8, %rsp
	stmxcsr (%rsp)
	fnstcw 4(%rsp)
	movq %rsp, (%rdi)
.endm

	.text

/* void fiber_switch(void **left, void *stack, uint64_t base, long has_instruction) */
	.globl fiber_switch
	.hidden fiber_switch
	.type fiber_switch, @function
fiber_switch:
	.cfi_startproc
	save_registers
	movq %rsi, %rsp
	testq %rcx, %rcx
	jz 1f
	wrfsbase %rdx
	jmp 2f
1:	movl $ARCH_SET_FS, %edi
	movq %rdx, %rsi
	movl $SYS_arch_prctl, %eax
	syscall
2:	ldmxcsr (%rsp)
	fldcw 4(%rsp)
	addq $8, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret
	.cfi_endproc
	.size fiber_switch, . - fiber_switch

/*
 * void fiber_park(void **left, uint32_t *gone): the kernel thread ends here, and the kernel clears `gone` when it no
 * longer uses the stack. Returns when somebody switches to the stack.
 */
	.globl fiber_park
	.hidden fiber_park
	.type fiber_park, @function
fiber_park:
	.cfi_startproc
	save_registers
	movq %rsi, %rdi
	movl $SYS_set_tid_address, %eax
	syscall
	xorl %edi, %edi
	movl $SYS_exit, %eax
	syscall
	hlt
	.cfi_endproc
	.size fiber_park, . - fiber_park

	.section .note.GNU-stack, "", @progbits

/*
 * Entries of functions that depend on where they are called from: dlsym(RTLD_NEXT) on the module, dlopen on its search
 * path. Whatever is to be done comes first, in C; then the genuine function is jumped to, and returns to the caller.
 */
	.text

/* dl_enter(arguments as saved here, which function) gives the genuine one. */
.macro ENTRY name, number
	.globl \name
	.type \name, @function
\name:
	.cfi_startproc
	push %rdi
	.cfi_adjust_cfa_offset 8
	push %rsi
	.cfi_adjust_cfa_offset 8
	push %rdx
	.cfi_adjust_cfa_offset 8
	mov %rsp, %rdi
	mov $\number, %esi
	call dl_enter
	pop %rdx
	.cfi_adjust_cfa_offset -8
	pop %rsi
	.cfi_adjust_cfa_offset -8
	pop %rdi
	.cfi_adjust_cfa_offset -8
	jmp *%rax
	.cfi_endproc
	.size \name, . - \name
.endm

	ENTRY dlopen, 0
	ENTRY dlmopen, 1
	ENTRY dlclose, 2
	ENTRY dlsym, 3

	.section .note.GNU-stack, "", @progbits

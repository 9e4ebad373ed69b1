/*
 * vfork: its child returns first, on the stack of its parent, so whoever stands in between must be gone by then. What
 * is to be called is found out first, in C; then it is jumped to, and returns to the caller, twice.
 */
	.text
	.globl vfork
	.type vfork, @function
vfork:
	.cfi_startproc
	sub $8, %rsp
	.cfi_adjust_cfa_offset 8
	call process_vfork
	add $8, %rsp
	.cfi_adjust_cfa_offset -8
	jmp *%rax
	.cfi_endproc
	.size vfork, . - vfork

	.section .note.GNU-stack, "", @progbits

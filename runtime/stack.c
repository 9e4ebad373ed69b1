#include "stack.h"

#include <dlfcn.h>
#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include <stddef.h>

#include "module.h"
#include "real.h"

/* libunwind's local unwinder, spelt as its header mangles it. */
static int (*get_context)(unw_context_t *);
static int (*init_local)(unw_cursor_t *, unw_context_t *);
static int (*step)(unw_cursor_t *);
static int (*get_register)(unw_cursor_t *, int, unw_word_t *);

bool stack_open(void)
{
	static bool tried;

	if (tried)
		return get_register;
	tried = true;
	void *library = real.dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return false;
	get_context = (int (*)(unw_context_t *))real.dlsym(library, "_Ux86_64_getcontext");
	init_local = (int (*)(unw_cursor_t *, unw_context_t *))real.dlsym(library, "_ULx86_64_init_local");
	step = (int (*)(unw_cursor_t *))real.dlsym(library, "_ULx86_64_step");
	get_register = (int (*)(unw_cursor_t *, int, unw_word_t *))real.dlsym(library, "_ULx86_64_get_reg");
	if (!get_context || !init_local || !step)
		get_register = NULL;
	return get_register;
}

/* Return addresses by frame pointer, as far as the chain looks like one. */
static uint32_t walk_frames(uint64_t *pcs, uint32_t max)
{
	const uint64_t *frame = __builtin_frame_address(0);
	uint32_t npcs = 0;

	while (npcs < max && frame[1] > 4096) {
		const uint64_t *next = (const uint64_t *)(uintptr_t)frame[0];
		if (!module_is_own(frame[1]))
			pcs[npcs++] = frame[1];
		if (next <= frame || (uintptr_t)next - (uintptr_t)frame > 1 << 20)
			break;
		frame = next;
	}
	return npcs;
}

uint32_t stack_walk(uint64_t *pcs, uint32_t max)
{
	unw_context_t context;
	unw_cursor_t cursor;
	unw_word_t pc;
	uint32_t npcs = 0;

	if (!get_register || get_context(&context) != 0 || init_local(&cursor, &context) < 0)
		return walk_frames(pcs, max);
	do {
		if (get_register(&cursor, UNW_REG_IP, &pc) != 0 || pc == 0)
			break;
		if (!module_is_own(pc))
			pcs[npcs++] = pc;
	} while (npcs < max && step(&cursor) > 0);
	return npcs;
}

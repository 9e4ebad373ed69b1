/* Two values that belong together are updated under separate locks, and read between the two updates.
 * race: explore --max-executions 200
 * expect: assert within 50
 */
#include "twostage.h"

int main(void)
{
	run_two(write_both, read_both);
	return 0;
}

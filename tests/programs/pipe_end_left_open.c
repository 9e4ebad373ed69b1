/* The reader of a pipe keeps the end for writing open itself, and waits for ever for the end of file.
 * race: explore --strategy auto --max-executions 20
 * expect: deadlock within 1
 */
#include <assert.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int ends[2], nlines = 0, c;
	assert(pipe(ends) == 0);
	pid_t child = fork();
	if (child == 0) {
		dprintf(ends[1], "one\ntwo\n");
		_exit(0);
	}
#ifdef FIXED
	close(ends[1]);
#endif
	FILE *in = fdopen(ends[0], "r");
	while ((c = getc(in)) != EOF)
		nlines += c == '\n';
	assert(nlines == 2);
	assert(waitpid(child, NULL, 0) == child);
	return 0;
}

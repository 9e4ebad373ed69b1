/* Two processes talk through two pipes, and both listen before they speak.
 * race: explore --max-executions 100
 * expect: deadlock within 1
 */
#include <assert.h>
#include <sys/wait.h>
#include <unistd.h>

static void speak(int descriptor)
{
	char word = 'x';
	assert(write(descriptor, &word, 1) == 1);
}

static void listen_to(int descriptor)
{
	char word;
	assert(read(descriptor, &word, 1) == 1);
}

int main(void)
{
	int to_child[2], to_parent[2];
	assert(pipe(to_child) == 0 && pipe(to_parent) == 0);
	pid_t child = fork();
	if (child == 0) {
#ifdef FIXED
		speak(to_parent[1]);
		listen_to(to_child[0]);
#else
		listen_to(to_child[0]);
		speak(to_parent[1]);
#endif
		_exit(0);
	}
	listen_to(to_parent[0]);
	speak(to_child[1]);
	int status;
	assert(waitpid(child, &status, 0) == child);
	return status == 0 ? 0 : 1;
}

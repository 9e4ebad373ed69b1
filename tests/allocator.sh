#!/usr/bin/env bash
# time-limit: 150
# A program whose malloc is a library's beside the C library, as jemalloc is, with a mutex of its own. That is taken in
# calls of the program, and within what race calls for it: when a thread is made, and by handlers when a process forks.
set -u
race=${BUILD:-build}/race
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }

# unlocks by a jump at the end of free, so that the program seems to call it
cat > "$folder/heap.c" << 'C'
#include <pthread.h>
#include <stddef.h>
#include <string.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Alignas(16) char room[1 << 26];
static size_t used, nfreed;
static void before(void) { pthread_mutex_lock(&lock); }
static void after(void) { pthread_mutex_unlock(&lock); }
__attribute__((constructor)) static void begin(void) { pthread_atfork(before, after, after); }
void *malloc(size_t nbytes)
{
	pthread_mutex_lock(&lock);
	char *block = room + used + 16;
	*(size_t *)(room + used) = nbytes;
	used += (nbytes + 31) / 16 * 16;
	pthread_mutex_unlock(&lock);
	return block;
}
int free_block(void *block)
{
	if (!block)
		return 0;
	if (pthread_mutex_trylock(&lock))
		pthread_mutex_lock(&lock);
	nfreed++;
	return pthread_mutex_unlock(&lock);
}
void free(void *block) { free_block(block); }
void *calloc(size_t n, size_t nbytes) { return malloc(n * nbytes); /* room is never used twice */ }
void *realloc(void *old, size_t nbytes)
{
	char *block = malloc(nbytes);
	size_t before = old ? ((size_t *)old)[-2] : 0;
	if (old)
		memcpy(block, old, before < nbytes ? before : nbytes);
	return block;
}
C

# with two tasks in a lost update, or not
cat > "$folder/program.c" << 'C'
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, whole = PTHREAD_MUTEX_INITIALIZER;
static int total, fixed;
static void add(int n)
{
	pthread_mutex_lock(&lock);
	total += n;
	pthread_mutex_unlock(&lock);
}
static int look(void)
{
	pthread_mutex_lock(&lock);
	int seen = total;
	pthread_mutex_unlock(&lock);
	return seen;
}
static void *work(void *unused)
{
	for (int i = 0; i < 20; i++)
		free(malloc(100));
	if (fixed)
		pthread_mutex_lock(&whole);
	if (look() == 0)
		add(1);
	free(malloc(100));
	if (fixed)
		pthread_mutex_unlock(&whole);
	return unused;
}
int main(int argc, char **argv)
{
	pthread_t threads[2];
	int status;
	fixed = argc > 1 && *argv[1] == 'f';
	free(malloc(100));
	if (fork() == 0) {
		free(malloc(100));
		_exit(0);
	}
	wait(&status);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert(total == 1);
	return status != 0;
}
C
gcc -O2 -fPIC -fno-builtin -shared -pthread -o "$folder/libheap.so" "$folder/heap.c" || exit 3
gcc -O1 -g -fno-builtin -pthread -o "$folder/program" "$folder/program.c" -L"$folder" -Wl,--no-as-needed,-rpath,"$folder" -lheap || exit 3
gcc -O1 -g -fno-builtin -pthread -o "$folder/plain" "$folder/program.c" || exit 3

# runs STATUS TEXT ARGUMENT...
runs() {
	local wanted=$1 text=$2 status=0
	shift 2
	timeout 20 "$@" > "$folder/log" 2>&1 || status=$?
	[ "$status" -eq "$wanted" ] || { tail -n 20 "$folder/log"; fail "status $status, expected $wanted: $*"; }
	grep -qF -- "$text" "$folder/log" || { tail -n 20 "$folder/log"; fail "does not say \`$text': $*"; }
}

explores() {
	local program=$1
	shift
	rm -rf "$folder/findings"
	for carrier in fiber thread; do
		runs 66 "FOUND" "$race" explore --quiet --carrier $carrier --output "$folder/findings" "$@" -- "$program"
		runs 66 "identical 20 of 20" "$race" replay --repeat 20 "$folder"/findings/*.race -- "$program"
		runs 0 "no finding" "$race" explore --quiet --carrier $carrier --max-executions 50 "$@" -- "$program" fixed
	done
}
explores "$folder/program"

# its locks are no choices: as many interleavings as with the C library's
for program in program plain; do
	runs 0 "exhausted   all interleavings of sync points" "$race" explore --quiet --strategy dfs --bound 1 --max-executions 0 \
		--json "$folder/$program.json" -- "$folder/$program" fixed
done
python3 - "$folder/program.json" "$folder/plain.json" << 'PYTHON' || failed=1
import json, sys
ours, plain = (json.load(open(name))["executions"] for name in sys.argv[1:])
print("executions", ours, "with the library's,", plain, "with the C library's")
sys.exit(ours != plain)
PYTHON

# jemalloc itself, where it is
library=$(ldconfig -p 2> /dev/null | awk '/libjemalloc\.so\.2 .*x86-64/ {print $NF; exit}')
if [ -n "$library" ]; then
	export LD_PRELOAD=$library
	explores "$folder/plain"
fi
exit $failed

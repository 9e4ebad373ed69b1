#!/usr/bin/env bash
# Executions that begin at a snapshot see nothing of each other: memory, mappings, descriptors, handlers and the rest are
# what they are natively, every time; what can't be undone is done in a process of its own, and the result names it. Many
# restores leave nothing behind. A program that is different each time is found out.
# time-limit: 180
set -euo pipefail
cd "$(dirname "$0")/.."
race=$PWD/${BUILD:-build}/race
source=$PWD/tests/programs/real/kernel_state.c
bench=$PWD/tests/bench/lock_loop.c
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() { echo "$*"; exit 1; }

"${CC:-gcc}" -O1 -pthread -o "$folder/kernel_state" "$source"
"${CC:-gcc}" -O1 -pthread -o "$folder/lock_loop" "$bench"
cd "$folder"

# holds EXPRESSION: of the JSON result
holds() { python3 -c 'import json, sys; result = json.load(open("result.json")); sys.exit(not eval(sys.argv[1]))' "$1" ||
	{ cat result.json; fail "not so: $1"; }; }

restore() { "$race" explore --carrier fiber --reuse restore --strategy random --oracle none --json result.json "$@"; }

# same WHAT REUSE REMARK
same() {
	./kernel_state "$1" > native < input
	restore --max-executions 200 --show-output -- ./kernel_state "$1" > out 2> shown < input || fail "$1: $(cat out)"
	grep -av '^execution [0-9]*:$' shown | sort | uniq -c > counted
	[ "$(cat counted)" = "$(printf '%7d %s' 200 "$(cat native)")" ] || { cat native counted; fail "$1: not what it is natively"; }
	holds "result['reuse'] == '$2' and '$3' in (result['fallback'] or '')"
	echo "$1: $2 $3"
}

echo one two > input
for what in memory heap anonymous unmapped file leak handler mask name large streams; do same $what restore ''; done
same fork fork 'be undone'
same stack fork 'be undone'
same directory fork 'be undone'
same files fork "changes files"
same shared fork "shared with others"
same pipe fork "pipe or socket"

# Resident pages and descriptors of the process that is restored, which is a child of the fork server. Each check against
# a fresh execution replaces it; one that has only just begun has not met all pages yet.
state() {
	local server child largest=0 size found numbers=0 attempt met=0
	for attempt in {1..40}; do
		[ $met -lt 8 ] || break
		sleep 0.05
		server=$(pgrep -P "$1" -x lock_loop) && child=$(pgrep -P "$server" -x lock_loop) || continue
		size=$(awk '/^VmRSS/ { print $2 }' "/proc/$child/status" 2> /dev/null) || continue
		found=$(find "/proc/$child/fd" -type l 2> /dev/null | wc -l)
		[ "${size:-0}" -gt 0 ] && [ "$found" -gt 2 ] || continue
		met=$((met + 1))
		[ "$size" -gt $largest ] || continue
		largest=$size
		numbers=$found
	done
	echo "$largest KB, $numbers descriptors"
}

# Thousands of restores leave nothing behind.
"$race" explore --carrier fiber --reuse restore --strategy random --oracle none --json result.json --max-executions 0 \
	--budget 10s -- ./lock_loop 2 5 > out &
sleep 1 # for pages that are met in some interleavings only
first=$(state $!)
sleep 2
last=$(state $!)
wait $! || fail "$(cat out)"
holds "result['reuse'] == 'restore' and result['executions'] >= 5000 and not result['fallback']"
[ "${first% KB*}" -gt 0 ] && [ "${last% KB*}" -le $((${first% KB*} + 200)) ] && [ "${first#* KB}" = "${last#* KB}" ] ||
	fail "grows from $first to $last"
sed -n 2p out
echo "$last"

# An interpreter, from its first thread to its end.
if [ -x /usr/bin/python3 ]; then
	echo 'import threading
total = 0
lock = threading.Lock()
def work():
    global total
    for i in range(20):
        with lock:
            total += 1
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("total", total)' > total.py
	restore --max-executions 500 --show-output -- /usr/bin/python3 total.py > out 2> shown || fail "$(cat out)"
	holds "result['reuse'] == 'restore' and not result['fallback']"
	[ "$(grep -cx 'total 60' shown)" = 500 ] && [ "$(grep -vc '^execution' shown)" = 500 ] || fail "Python prints something else"
	sed -n 2p out
fi

# What it does depends on how often it has been run.
echo '#include <pthread.h>
#include <stdio.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *work(void *argument)
{
	char text[32] = "";
	FILE *file = fopen("runs", "a+");
	fseek(file, 0, SEEK_END);
	long nruns = ftell(file) / 2;
	fputs("x", file);
	fclose(file);
	for (long i = 0; i < 1 + nruns % 3; i++) {
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
	}
	return text[0] ? argument : NULL;
}
int main(void)
{
	pthread_t threads[2];
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}' > counts.c
"${CC:-gcc}" -O1 -pthread -o counts counts.c
restore --max-executions 1500 -- ./counts > out || fail "$(cat out)"
holds "'another trace than a fresh one' in result['fallback']"

#!/usr/bin/env bash
# Executions that begin at a snapshot see nothing of each other: memory, mappings, descriptors, handlers and the rest are
# what they are natively, every time; what can't be undone is done in a process of its own, and the result names it. Many
# restores leave nothing behind. A program that is different each time is found out.
# time-limit: 300
set -euo pipefail
cd "$(dirname "$0")/.."
race=$PWD/${BUILD:-build}/race
sources=$PWD/tests/programs/real
bench=$PWD/tests/bench/lock_loop.c
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() { echo "$*"; exit 1; }

for name in kernel_state kernel_early kernel_buffers footprint; do
	"${CC:-gcc}" -O1 -pthread -o "$folder/$name" "$sources/$name.c"
done
"${CC:-gcc}" -O1 -pthread -o "$folder/kept_database" "$sources/kept_database.c" -lsqlite3
"${CC:-gcc}" -O1 -pthread -o "$folder/lock_loop" "$bench"
cd "$folder"

# holds EXPRESSION: of the JSON result
holds() { python3 -c 'import json, sys; result = json.load(open("result.json")); sys.exit(not eval(sys.argv[1]))' "$1" ||
	{ cat result.json; fail "not so: $1"; }; }

restore() { "$race" explore --carrier fiber --reuse restore --strategy random --oracle none --json result.json "$@"; }

executions=100

# same PROGRAM WHAT REUSE REMARK
same() {
	local program=$1
	shift
	"./$program" $1 > native < input
	restore --max-executions $executions --show-output -- "./$program" $1 > out 2> shown < input || fail "$1: $(cat out)"
	grep -av '^execution [0-9]*:$' shown | sort | uniq -c > counted
	[ "$(cat counted)" = "$(printf '%7d %s' $executions "$(cat native)")" ] || { cat native counted; fail "$1: not what it is natively"; }
	holds "result['reuse'] == '$2' and '$3' in (result['fallback'] or '')"
	echo "$1: $2 $3"
}

echo one two > input
for what in memory heap anonymous unmapped file leak handler mask name large streams directory umask timer closed \
	redirected locked written socket; do
	same kernel_state $what restore ''
done
same kernel_buffers '' restore ''
same kernel_state fork fork 'be undone'
same kernel_state stack fork 'be undone'
same kernel_state protected fork 'be undone'
same kernel_state files fork "changes files"
same kernel_state shared fork "shared with others"
same kernel_state pipe fork "pipe or socket"

# What was set up before the first thread.
executions=300
for what in handlers descriptors pending mapped; do
	same kernel_early $what restore ''
done
same kernel_early timers fork 'a say in what it does'
same kernel_early stack fork 'signal stack before'
same kernel_early limits fork 'be undone: prlimit64'
same kernel_early timerfd fork 'be undone: timerfd_settime'
same kernel_early file-shared fork 'changes files'
for what in memory-file temporary-file; do
	same kernel_early $what fork 'a file without a name'
done
grep -q 'executions share' out && fail "a file opened in main is not shared"
cat > before_main.c <<'END'
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>
static int file;
__attribute__((constructor)) static void begin(void) { file = memfd_create("early", 0); }
int main(void) { return write(file, "x", 1) != 1; }
END
"${CC:-gcc}" -O1 -o before_main before_main.c
for reuse in fork exec; do
	restore --reuse $reuse --max-executions 2 -- ./before_main > out || fail "before_main: $(cat out)"
	holds "[note['reason'] for note in result['uncontrolled']].count('executions share a file without a name that was opened before main') == ('$reuse' == 'fork')"
done
for what in socket eventfd epoll signalfd; do
	same kernel_early $what fork "pipe or socket"
	grep -q 'reuse fork (it uses a pipe or socket' out || fail "$what: the report does not say why"
done
executions=100

# Databases too, and other ways of starting executions give the same traces.
for what in file shared memory wal locked; do
	case $what in
	wal) same kept_database $what fork 'shared with others' ;;
	locked) same kept_database $what fork 'holds a lock' ;;
	*) same kept_database $what restore '' ;;
	esac
	digest=$(python3 -c 'import json; print(json.load(open("result.json"))["trace_digest"])')
	for reuse in fork exec; do
		rm -f kept.db*
		restore --reuse $reuse --max-executions 100 -- ./kept_database $what > out || fail "$what: $(cat out)"
		holds "result['reuse'] == '$reuse' and result['trace_digest'] == '$digest'"
	done
done

# 10,000 restores leave no trace in their process: memory, mappings, descriptors and processor time for one execution are
# at the end what they are after the first thousand, when all pages that some interleaving writes have been met. Beside it
# each thousandth is run again in a process of its own.
restore --max-executions 10500 -- ./footprint footprints > out || fail "$(cat out)"
holds "result['reuse'] == 'restore' and result['executions'] == 10500 and not result['fallback']"
python3 - footprints <<'END' || fail "10,000 restores leave something behind"
import collections
import statistics
import sys

rows = [tuple(map(int, line.split())) for line in open(sys.argv[1])]
process, number = collections.Counter(row[0] for row in rows).most_common(1)[0]
restored = [row[1:] for row in rows if row[0] == process]
early, late = restored[1000:3000], restored[-2000:]
used = [statistics.median(after[-1] - before[-1] for before, after in zip(part, part[1:])) for part in (early, late)]
print(f"process {process} ran {number} of {len(rows)} executions: resident, mapped, mappings, descriptors {late[-1][:-1]}, "
    f"{used[0]:.0f} us each, and {used[1]:.0f} us after them")
sys.exit(number < 10400 or not 10 <= len(rows) - number <= 20 or {row[:-1] for row in late} != {early[-1][:-1]} or
    used[1] > 1.5 * used[0])
END

# Nor do they change a trace.
restore --max-executions 10500 -- ./lock_loop 2 5 > out || fail "$(cat out)"
holds "result['reuse'] == 'restore' and result['executions'] == 10500 and not result['fallback']"
sed -n 2p out
digest=$(python3 -c 'import json; print(json.load(open("result.json"))["trace_digest"])')
restore --reuse fork --max-executions 10500 -- ./lock_loop 2 5 > out || fail "$(cat out)"
holds "result['reuse'] == 'fork' and result['trace_digest'] == '$digest'"

# 200 threads, 20,600 points.
restore --max-executions 5 -- ./lock_loop 200 50 > out || fail "$(cat out)"
holds "result['reuse'] == 'restore' and result['executions'] == 5 and not result['fallback']"

# An interpreter, from its first thread to its end; bench/python.sh does that 2,000 times.
if [ -x /usr/bin/python3 ]; then
	restore --max-executions 200 --show-output -- /usr/bin/python3 "$sources/threads_total.py" > out 2> shown || fail "$(cat out)"
	holds "result['reuse'] == 'restore' and not result['fallback']"
	[ "$(grep -cx 'total 60' shown)" = 200 ] && [ "$(grep -vc '^execution' shown)" = 200 ] || fail "Python prints something else"
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

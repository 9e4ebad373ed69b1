#!/bin/bash
# What the bare preload costs: programs of two threads, natively and observed, alternating in one run. A program says
# itself how long it worked; starting the watcher and reporting are not in that, and shown apart.
set -eu
build=$(cd "${BUILD:-build}" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
gcc -O2 -pthread -o "$folder/queue" tests/bench/observed_queue.c
gcc -O2 -pthread -o "$folder/database" tests/bench/observed_database.c -lsqlite3

# median of the numbers on stdin
median() {
	sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

# compare NAME COMMAND...: eleven rounds of each
compare() {
	local name=$1
	shift
	for round in 1 2 3 4 5 6 7 8 9 10 11; do
		"$@" >>"$folder/native"
		LD_PRELOAD=$build/librace.so "$@" >>"$folder/observed"
	done
	printf '%-34s %8s s %8s s %8s\n' "$name" "$(median <"$folder/native")" "$(median <"$folder/observed")" \
		"$(paste "$folder/native" "$folder/observed" | awk '{ printf "%.4f\n", $2 / $1 }' | median)"
	rm "$folder/native" "$folder/observed"
}

echo "seconds natively and observed by the bare preload, and the median ratio of eleven rounds"
printf '%-34s %10s %10s %8s\n' program native observed ratio
compare "queue, 1 us in critical sections" "$folder/queue" 200000
compare "SQLite, WAL, 2 threads" "$folder/database" "$folder/bench.db" 4000
if gcc -O2 -pthread -o "$folder/server" tests/bench/observed_server.c -lpq 2>"$folder/gcc.log"; then
	# shellcheck source=tests/db/servers
	. tests/db/servers
	postgres_start
	postgres_make bench
	compare "PostgreSQL, 2 threads" "$folder/server" "$(postgres_url bench)" 5000
fi

echo "whole run of a program that makes one thread and ends, in milliseconds, the watcher included"
printf '#include <pthread.h>\nstatic void *f(void *p) { return p; }\nint main(void) { pthread_t t; pthread_create(&t, 0, f, 0); pthread_join(t, 0); return 0; }\n' >"$folder/one.c"
gcc -O2 -pthread -o "$folder/one" "$folder/one.c"
for preload in "" "$build/librace.so"; do
	start=$(date +%s%N)
	for ((i = 0; i < 50; i++)); do LD_PRELOAD=$preload "$folder/one"; done
	printf '%-34s %8.2f\n' "${preload:+observed}${preload:-native}" "$(awk -v a="$start" -v b="$(date +%s%N)" 'BEGIN { print (b - a) / 5e7 }')" | sed "s|observed$build/librace.so|observed|"
done

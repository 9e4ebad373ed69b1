#!/usr/bin/env bash
# What a thread is (local variables, keys, cancellation, signal masks, stacks, names, mutexes of all kinds, endings) is on
# each carrier what it is natively: the same output, the same kind of end. What fibers can't carry runs on threads.
# time-limit: 120
set -euo pipefail
cd "$(dirname "$0")/.."
race=$PWD/${BUILD:-build}/race
source=$PWD/tests/programs/real/thread_features.cpp
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ulimit -c 0

fail() { echo "$*"; exit 1; }

"${CXX:-g++}" -std=gnu++17 -O1 -pthread -o "$folder/features" "$source"
cd "$folder"

# Under control an end by a signal is what race found, and the command's failure.
meant() { case $1 in 0) echo 0 ;; *) echo 1 ;; esac; }

for way in exit main-exits thread-exits abort segv double-free uncaught assert; do
	status=0
	{ ./features $way > native; } 2> native-error || status=$?
	for carrier in thread fiber; do
		got=0
		"$race" run --carrier $carrier -- ./features $way > controlled 2> controlled-error || got=$?
		[ $got = "$(meant $status)" ] || { cat controlled-error; fail "$way on $carrier: natively status $status, race ended with $got"; }
		diff native controlled || fail "$way on $carrier: prints something else"
	done
	echo "$way: native status $status, the same on both carriers"
done

"$race" explore --carrier fiber --max-executions 100 --show-output --json result.json -- ./features > out 2> shown ||
	fail "some interleaving fails: $(cat out)"
[ "$(grep -c '^exit handler$' shown)" -ge 100 ] || fail "executions are missing"
python3 -c 'import json; result = json.load(open("result.json"));
assert result["carrier"] == "fiber" and result["uncontrolled"] == [], result' || fail "not all was controlled on fibers"

# Locks of inline futexes sleep where race does not see it.
echo 'int main(void) { int sum = 0;
#pragma omp parallel for reduction(+ : sum)
	for (int i = 0; i < 100; i++) sum += i;
	return sum != 4950; }' > openmp.c
"${CC:-gcc}" -fopenmp -o openmp openmp.c
"$race" explore --carrier fiber --max-executions 3 --json result.json -- ./openmp > out || fail "openmp: $(cat out)"
python3 -c 'import json; result = json.load(open("result.json"));
assert result["carrier"] == "thread" and "sleeps" in result["fallback"], result' ||
	fail "OpenMP does not say why it runs on threads"

# Users and groups are the process's, and all its threads have them.
"${CC:-gcc}" -O1 -o credentials "$(dirname "$source")/credentials.c" -pthread
for carrier in fiber thread; do
	for own in '' own; do
		./credentials $own > native
		timeout 50 "$race" explore --carrier $carrier --max-executions 5 --show-output --json result.json -- ./credentials $own \
			> out 2> shown || fail "credentials $own on $carrier: $(cat out)"
		diff <(grep -v '^execution' shown | sort -u) <(sort -u native) || fail "credentials $own on $carrier: $(cat shown)"
	done
	grep -q "carrier thread" out || fail "credentials of one thread stay on fibers: $(cat out)"
done

# Threads that nobody controls may be what the others wait for: they are named, and that is no deadlock.
"${CC:-gcc}" -O1 -o bare_clone "$(dirname "$source")/bare_clone.c" -pthread
for carrier in fiber thread; do
	for what in ends wakes gone apart; do
		./bare_clone $what > native
		"$race" explore --carrier $carrier --max-executions 5 --show-output --json result.json -- ./bare_clone $what > out \
			2> shown || fail "bare_clone $what on $carrier: $(cat out)"
		[ "$(grep -v '^execution' shown | sort -u)" = "$(cat native)" ] || fail "bare_clone $what on $carrier: $(cat shown)"
		grep -q 'raw clone: clone in main' out || fail "bare_clone $what on $carrier is not named: $(cat out)"
	done
	status=0
	"$race" explore --carrier $carrier --max-executions 5 -- ./bare_clone posts > out 2>&1 || status=$?
	[ $status = 4 ] && grep -q 'made by a bare clone' out || fail "bare_clone posts on $carrier: status $status, $(cat out)"
	"$race" explore --carrier $carrier --max-executions 5 -- ./bare_clone stuck > out 2>&1 || status=$?
	[ $status = 66 ] && grep -q 'FOUND  deadlock' out || fail "bare_clone stuck on $carrier: status $status, $(cat out)"
done

# So are those that only compute, and what is said of executions is how they were begun after that.
"$race" explore --max-executions 4 --json result.json -- "${race%/race}/tests/programs/cancel_spinning" > out ||
	fail "cancel_spinning: $(cat out)"
python3 -c 'import json; result = json.load(open("result.json"));
assert (result["carrier"], result["reuse"]) == ("thread", "fork") and "spins" in result["fallback"], result' ||
	fail "a thread that spins: $(cat out)"

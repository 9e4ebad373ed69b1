#!/usr/bin/env bash
# What race finds does not depend on privileges: as an unprivileged user, under the system call filter of an ordinary
# container (no personality, so addresses are random; no ptrace, no perf counters), as process 1, and with a small
# /dev/shm it finds the same, and the same schedules reproduce. Prints a line for each: ok, FAIL or skip.
# time-limit: 180
set -uo pipefail
build=$(cd "${BUILD:-build}" && pwd) || exit 77
here=$(cd "$(dirname "$0")" && pwd)
programs="double_fulfillment double_fulfillment_fixed double_fulfillment_processes abba_deadlock mutex_orders"
for file in "$build/race" "$build/librace.so" $(printf "$build/tests/programs/%s " $programs); do
	[ -x "$file" ] || { echo "$file is missing"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
mkdir "$folder/bin"
cp "$build/race" "$build/librace.so" $(printf "$build/tests/programs/%s " $programs) "$folder/bin/"
${CC:-gcc} -O1 -o "$folder/bin/deny" "$here/programs/hostile/deny.c" || exit 3
race=$folder/bin/race
failed=0

fail() { echo "FAIL $*"; failed=1; }

# The findings of a campaign as kind-fingerprint, one a line.
findings() { ls "$1" 2> /dev/null | sed 's/\.race$//' | sort; }

# try NAME LAUNCHER...: the launcher runs its arguments; findings and replays are compared with those made without it.
try() {
	local name=$1 program status complaint=
	shift
	mkdir -m 777 "$folder/$name" && mkdir -m 777 "$folder/$name/tmp" && cd "$folder/$name" || exit 3
	for program in double_fulfillment double_fulfillment_processes abba_deadlock; do
		"$@" "$race" explore --quiet --output "$program" -- "$folder/bin/$program" > out 2> err
		status=$?
		[ $status = 66 ] || complaint="$complaint explore $program: exit $status, $(head -n 3 out err | tr '\n' ' ');"
		[ "$(findings "$program")" = "$(findings "$folder/plain/$program")" ] ||
			complaint="$complaint $program: other findings ($(findings "$program" | tr '\n' ' '));"
		"$@" "$race" replay --repeat 20 "$folder/plain/$program"/*.race -- "$folder/bin/$program" > out 2> err
		status=$?
		[ $status = 66 ] && grep -q '^identical 20 of 20' out ||
			complaint="$complaint replay $program: exit $status, $(head -n 2 out err | tr '\n' ' ');"
	done
	"$@" "$race" explore --quiet --max-executions 100 -- "$folder/bin/double_fulfillment_fixed" > out 2> err
	status=$?
	[ $status = 0 ] || complaint="$complaint the fixed program: exit $status;"
	[ -z "$(ls -A tmp)" ] || complaint="$complaint left behind: $(ls -A tmp);"
	cd "$folder" || exit 3
	if [ -n "$complaint" ]; then fail "$name:$complaint"; else echo "ok $name"; fi
}

plain() { env TMPDIR="$PWD/tmp" "$@"; }
unprivileged() { env TMPDIR="$PWD/tmp" setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"; }
denied() { env TMPDIR="$PWD/tmp" "$folder/bin/deny" "$@"; }
denied_exec() { local race=$1 word=$2; shift 2; env TMPDIR="$PWD/tmp" "$folder/bin/deny" "$race" "$word" --reuse exec "$@"; }
contained() { unprivileged "$folder/bin/deny" "$@"; }
first_process() { env TMPDIR="$PWD/tmp" unshare --pid --fork --mount-proc "$@"; }
little_memory() { unshare --mount sh -c 'mount -t tmpfs -o size=64m none /dev/shm && unset TMPDIR && exec "$@"' sh "$@"; }

try plain plain
"$folder/bin/deny" true || { echo "skip denied: system calls can't be filtered here"; exit $failed; }
if [ "$(cat /proc/sys/kernel/randomize_va_space)" = 0 ]; then
	echo "skip random addresses: switched off on this machine"
elif "$folder/bin/deny" setarch -R true 2> /dev/null; then
	fail "the filter lets personality through"
fi
try denied denied
try denied-exec denied_exec
if [ "$(id -u)" = 0 ]; then
	try unprivileged unprivileged
	try contained contained
	if unshare --pid --fork --mount-proc true 2> /dev/null; then try first-process first_process; else echo "skip first-process: no namespaces"; fi
	if little_memory true 2> /dev/null; then try little-memory little_memory; else echo "skip little-memory: nothing can be mounted"; fi
else
	echo "skip unprivileged, contained, first-process, little-memory: not root, so all of the above was unprivileged"
fi

# Random addresses, a fresh process for each of 1000 executions: no table fills up.
mkdir "$folder/many" && cd "$folder/many" || exit 3
"$folder/bin/deny" "$race" explore --reuse exec --strategy random --oracle none --max-executions 1000 --json result.json -- \
	"$folder/bin/mutex_orders" 2 > out 2>&1
status=$?
if [ $status = 0 ] && python3 -c '
import json, sys
result = json.load(open("result.json"))
sys.exit(result["executions"] != 1000 or result["uncontrolled"] != [] or result["reuse"] != "exec")'; then
	echo "ok many-executions"
else
	fail "many-executions: exit $status: $(head -n 5 out | tr '\n' ' ')"
fi
exit $failed

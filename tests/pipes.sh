#!/usr/bin/env bash
# Shell pipelines under control: right output under every schedule, the same trace for the same plan, and control that
# survives whatever a program does to its descriptors.
# time-limit: 240
set -uo pipefail
build=$(cd "${BUILD:-build}" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
count=${PIPES_EXECUTIONS:-100}
failed=0

say() {
	echo "$@"
	case $1 in FAIL) failed=1 ;; esac
}

# shows NAME COMMAND...: what it prints natively is what every execution prints, and all of it was controlled
shows() {
	local name=$1 i
	shift
	"$@" > native 2> /dev/null
	timeout 100 "$build/race" explore --strategy random --seed 3 --max-executions "$count" --oracle none \
		--show-output --json result.json -- "$@" 2> shown > report
	local status=$?
	for ((i = 0; i < count; i++)); do cat native; done | sort > expected
	grep -av '^execution [0-9]*:$' shown | sort > actual
	if [ $status -ne 0 ] || ! cmp -s expected actual; then
		say FAIL "$name: exit $status, $(diff expected actual | head -3 | paste -sd' ')"
		return
	fi
	python3 - "$name" "$count" << 'PYTHON' || failed=1
import json, sys
name, count = sys.argv[1], int(sys.argv[2])
result = json.load(open("result.json"))
good = result["executions"] == count and not result["uncontrolled"]
print("ok" if good else "FAIL", "%s: %d executions, %d distinct traces, %.0f/s %s" % (name, result["executions"],
	result["distinct_traces"], result["executions_per_second"], result["uncontrolled"] or ""))
sys.exit(not good)
PYTHON
}

# The same seed twice: the same number of distinct traces, in two campaigns that know nothing of each other.
repeats() {
	local name=$1 first second
	shift
	for i in first second; do
		timeout 100 "$build/race" explore --strategy random --seed 11 --max-executions 40 --oracle none \
			--json $i.json -- "$@" > report 2>&1
	done
	first=$(python3 -c 'import json; print(json.load(open("first.json"))["distinct_traces"])')
	second=$(python3 -c 'import json; print(json.load(open("second.json"))["distinct_traces"])')
	if [ "$first" = "$second" ]; then say ok "$name: $first distinct traces, twice"
	else say FAIL "$name: $first distinct traces, then $second"; fi
}

# controls NAME HOW: after closing everything (see below) a child that is executed is still one of ours
controls() {
	timeout 60 "$build/race" explore --strategy random --max-executions 5 --oracle none --json result.json -- \
		./closes "$2" > report 2>&1
	local status=$?
	if [ $status -eq 66 ] && grep -q 'deadlock' report; then say ok "$1: the child is controlled"
	else say FAIL "$1: exit $status, a deadlock of parent and child was not seen"; fi
}

shows "seq, sort, tail" sh -c 'seq 1 1000 | sort -n | tail -1'
shows "loops and subshells" sh -c 'for i in 3 1 2; do echo $i; done | while read -r x; do echo "<$x>"; done | sort'
shows "command substitution" sh -c 'a=$(printf "%s\n" x y | wc -l); b=$(echo $a | cat); echo "$a $b"'
shows "a reader that leaves early" sh -c 'yes | head -2'
shows "a long stream" sh -c 'head -c 300000 /dev/zero | tr "\0" x | wc -c'
shows "tee and a named pipe" sh -c 'rm -f p; mkfifo p; cat p > out & seq 5 | tee p | wc -l; wait; paste -sd, out'
repeats "seq, sort, tail" sh -c 'seq 1 1000 | sort -n | tail -1'

# Closes its descriptors in one of several ways; then parent and child, which executes this program again, each wait for
# the other: a deadlock that is only seen where both are controlled.
cat > closes.c << 'C'
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void close_all(const char *how)
{
	if (strcmp(how, "range") == 0)
		close_range(3, ~0U, 0);
	if (strcmp(how, "loop") == 0)
		for (int i = 3; i < 1024; i++)
			close(i);
	if (strcmp(how, "from") == 0)
		closefrom(3);
	if (strcmp(how, "cloexec") == 0)
		for (int i = 3; i < 1024; i++)
			fcntl(i, F_SETFD, FD_CLOEXEC);
	if (strcmp(how, "dup2") == 0)
		for (int i = 1023; i >= 3; i--)
			dup2(0, i);
}

int main(int argc, char **argv)
{
	char byte;
	int ends[2];
	pid_t child = 0;
	if (argc > 2)
		return read(atoi(argv[2]), &byte, 1) != 1;
	close_all(argv[1]);
	if (strcmp(argv[1], "dup2") == 0)
		close_range(3, ~0U, 0);
	if (pipe(ends) < 0)
		return 2;
	char number[] = {(char)('0' + ends[0]), 0};
	char *arguments[] = {argv[0], argv[1], number, NULL};
	if (strcmp(argv[1], "spawn") == 0) {
		posix_spawn_file_actions_t actions;
		posix_spawn_file_actions_init(&actions);
		posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
		posix_spawn_file_actions_addclosefrom_np(&actions, 3);
		number[0] = '0';
		if (posix_spawn(&child, argv[0], &actions, NULL, arguments, environ) != 0)
			return 3;
	} else if ((child = fork()) == 0) {
		execv(argv[0], arguments);
		_exit(9);
	}
	waitpid(child, NULL, 0);
	return write(ends[1], "x", 1) != 1;
}
C
if gcc -w -o closes closes.c; then
	for how in range loop from cloexec dup2 spawn; do controls "descriptors closed by $how" $how; done
else
	say FAIL "closes.c does not compile"
fi
exit $failed

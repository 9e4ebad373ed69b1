#!/usr/bin/env bash
# race replay --gdb: stops before the line asked for and at the failure, shows tasks and waits, steps, leaves breakpoints
# and backtraces to the user, and says its verdict when gdb has ended.
# time-limit: 180
set -uo pipefail
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
race=$build/race
programs=$build/tests/programs
for file in "$race" "$build/race.py" "$programs/abba_deadlock" "$programs/double_fulfillment" "$programs/file_lock_cycle"; do
	[ -e "$file" ] || { echo "$file is missing"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
export HOME=$folder # no .gdbinit

fail() { echo "$*"; cat out err 2> /dev/null; exit 1; }

# expect CODE COMMAND...: runs it with its output in out and err.
expect() {
	local code=$1 status=0
	shift
	timeout 60 "$@" > out 2> err < /dev/null || status=$?
	[ "$status" = "$code" ] || fail "exit $status instead of $code: $*"
}

# says PATTERN...: each in a line of the output
says() {
	local pattern
	for pattern in "$@"; do
		grep -qE -- "$pattern" out || fail "not said: $pattern"
	done
}

# debug CODE "REPLAY OPTIONS" SCHEDULE GDB-COMMAND...
debug() {
	local code=$1 options=$2 schedule=$3 command commands=()
	shift 3
	for command in "$@"; do commands+=(--gdb-command "$command"); done
	# shellcheck disable=SC2086 # several options
	expect "$code" "$race" replay --gdb $options "${commands[@]}" "$schedule"
}

find_schedule() {
	expect 66 "$race" explore --output "$1" -- "$programs/$1"
	schedule=$(ls "$1"/*.race)
}

find_schedule abba_deadlock
mkdir empty
expect 3 env PATH="$folder/empty" "$race" replay --gdb "$schedule"
grep -q 'needs gdb, which is not in PATH' err || fail "the absence of gdb is not told"
expect 2 "$race" replay --stop-at 1 "$schedule"
expect 2 "$race" replay --gdb --repeat 2 "$schedule"
expect 2 "$race" replay --gdb --stop-at 9 "$schedule"
grep -q 'the schedule has 3 lines' err || fail "the number of lines is not told"

# A debugger that does not attach: the program must not wait for ever.
printf '#!/bin/sh\nexit 1\n' > empty/gdb
chmod +x empty/gdb
expect 3 env PATH="$folder/empty" "$race" replay --gdb "$schedule"
grep -q 'did not attach' err || fail "a debugger that does not attach is not told"

command -v gdb > /dev/null || { echo "gdb is not installed"; exit 77; }
gdb -batch -ex 'python print(6 * 7)' 2> /dev/null | grep -q 42 || { echo "this gdb has no Python"; exit 77; }
expect 0 "$race" doctor
says '^ok    debugger .*/gdb, for race replay --gdb'
expect 0 env PATH=/nowhere "$race" doctor
says '^note  debugger .*no gdb in PATH'
sleep 60 &
sleeper=$!
gdb -batch -p $sleeper > attached 2>&1
kill $sleeper
! grep -qi 'not permitted' attached || { echo "gdb may attach to no process here"; exit 77; }

# The last line by default; then the failure itself; a pause is no hang.
debug 66 "" "$schedule" 'race tasks' 'race schedule' 'shell sleep 5' 'race step' 'continue' 'race waits' 'continue'
says '^before line 3 of 3:$' \
	'^  forward +LWP [0-9]+ +ready +about to mutex-lock b  in forward; holds a$' \
	'^\* backward +LWP [0-9]+ +runs +about to begin$' \
	'^=> +3  run +backward +until +mutex-lock a  in backward$' \
	'^in line 3 of 3:$' 'abba_deadlock.c:26$' \
	'^the execution ends here: deadlock' \
	'^forward waits: mutex-lock b  in forward, held by backward$' \
	'^backward waits: mutex-lock a  in backward, held by forward$' \
	'^main waits: join forward  in finish, until forward has ended$' \
	'exited normally' '^identical: the failure occurred$' '^FOUND  deadlock'
! grep -qi 'hang\|uncontrolled\|blocked outside' out || fail "a pause counts as a hang"

# Line by line. Where gdb leaves, the rest of the schedule is followed.
debug 66 "--stop-at 1" "$schedule" 'race until 3' 'race until 2' 'race until 4' 'race tasks'
says '^before line 1 of 3:$' '^before line 3 of 3:$' '^identical: the failure occurred$'
! grep -q '^before line 2 of 3:' out || fail "stopped at a line that nobody asked for"
grep -q 'Line 2 is not ahead' err || fail "a line that is behind us is not told"
grep -q 'The schedule has 3' err || fail "a line that does not exist is not told"

# Before main, with breakpoints of the user's own.
debug 66 "--stop-at 0" "$schedule" 'break abba_deadlock.c:14' 'continue' 'print value' 'race tasks' 'backtrace 1' \
	'delete' 'continue' 'continue'
says '^before the program begins$' 'hit Breakpoint [0-9.]+, forward' '^\$1 = 0$' '^#0  forward ' \
	'has passed mutex-lock a  in forward; holds a$' '^the execution ends here: deadlock' '^identical'

# The user ends the program: nothing to judge.
debug 4 "" "$schedule" kill
grep -q 'gdb killed the program' err || fail "that the program was killed is not told"

# Commands come from standard input, which the program does not get; --json - keeps standard output to itself.
status=0
printf 'race place\ncontinue\ncontinue\n' | timeout 60 "$race" replay --gdb --json - "$schedule" > out 2> err || status=$?
[ $status = 66 ] || fail "exit $status instead of 66 with commands from standard input"
python3 -c 'import json; assert json.load(open("out"))["exit_code"] == 66' || fail "standard output is not the result"

find_schedule double_fulfillment
debug 66 "" "$schedule" 'race tasks' 'backtrace' 'up' 'race step' 'race waits' 'break done' 'continue'
says '^before line 4 of 4:$' '^\* charge .* about to sqlite-step "UPDATE orders SET status = \?' \
	'#[0-9]+ .*fulfill .*double_fulfillment.c' '^main waits: join charge' \
	'^identical: the failure occurred$' '^FOUND  serializability: double effect'

# What the program forks goes on by itself, under the schedule.
find_schedule file_lock_cycle
debug 66 "--stop-at 1" "$schedule" 'race step' 'race tasks' 'continue'
says '^before line 1 of 2:' 'Detaching after fork' \
	\
	'^  file_lock_cycle .* about to begin' '^the execution ends here: deadlock' '^identical: the failure occurred$' '^FOUND  deadlock'
exit 0

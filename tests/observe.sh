#!/bin/bash
# The bare preload: what it finds in programs that are wrong, that it is silent about those that are right, and that
# a program sees nothing of it.
# time-limit: 120
set -u
build=$(cd "${BUILD:-build}" && pwd)
source=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0
programs=$build/tests/programs

fail() {
	echo "FAIL $*"
	failed=1
}

# observed COMMAND...: its output in out, what was said in err, its status in status
observed() {
	LD_PRELOAD=$build/librace.so "$@" >out 2>err
	status=$?
}

# finds TEXT PROGRAM: exit 66, and the report has the text. With real threads the bug itself may strike, or the second
# task find all done: tried again then.
finds() {
	for ((round = 0; round < 500; round++)); do
		observed timeout 5 "$programs/$2"
		[ $status -eq 66 ] && break
	done
	[ $status -eq 66 ] && grep -q "$1" err || fail "$2: exit $status, expected 66 and '$1': $(head -5 err)"
}

# silent PROGRAM...: exit 0, and nothing is said
silent() {
	for name in "$@"; do
		observed "$programs/$name"
		[ $status -eq 0 ] && [ ! -s err ] || fail "$name: exit $status: $(head -5 err)"
	done
}

finds 'forward takes b while it holds a' abba_deadlock
finds 'FOUND  lock-order' philosophers
finds 'FOUND  serializability: double effect' double_fulfillment
finds 'FOUND  serializability: lost update' lost_update
finds 'FOUND  serializability: double effect' fulfillment_returning
finds 'FOUND  serializability: lost update' lost_update_file_lock # no lock on a file is seen: told when it has happened
silent abba_deadlock_fixed philosophers_fixed

# Every fixed twin ends as it does by itself, and nothing is said of it.
for file in "$programs"/*_fixed; do
	name=${file##*/}
	words=$(sed -n 's/^ \* race: .* -- \(.*\)$/\1/p' "$source/tests/programs/$name".c* | head -n 1)
	timeout 20 "$file" $words >/dev/null 2>&1
	expected=$?
	observed timeout 20 "$file" $words
	[ $status -eq $expected ] && ! grep -q '^race: ' err || fail "$name: exit $status, not $expected: $(head -5 err)"
done

# What starts other programs goes on as before: dash by vfork, bash by fork, make by posix_spawn; all of them wait.
same() {
	"$@" >plain 2>&1
	expected=$?
	observed "$@"
	cat err >>out
	[ $status -eq $expected ] && cmp -s plain out || fail "$*: exit $status, not $expected: $(head -5 out)"
}
printf 'all: a b\na b:\n\t@echo made >$@.out\n' >Makefile
same sh -c '/bin/echo one; timeout 5 sh -c "exit 3"'
same bash -c '(/bin/echo one); env true | cat; sh -c "exit 4"'
same make -s -j2

exit $failed

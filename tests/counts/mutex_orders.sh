#!/bin/bash
# Plain enumeration of two threads that take one mutex k times each: as many executions as there are interleavings,
# and every order of the critical sections among them.
#
# The points are: main  c1 c2 j1 j2 x   (create A, create B, join A, join B, end of the process)
#                 A     a (l u){k} e    (begin, lock and unlock k times, exit), after c1
#                 B     b (l u){k} f    after c2; no l while the other is between its l and u
# c1 is always first, and x last: once j2 is there nobody else is left. j1 comes after e, j2 after j1 and f.
#
# By hand for k = 0 (A: a e, B: b f):
#   c2 before a:  the 6 words of a e and b f; j1 fits behind e, before or between what B has left:
#                 aebf 3, abef 2, abfe 1, baef 2, bafe 1, bfae 1                                        = 10
#   c2 between a and e:  ebf 3, bef 2, bfe 1                                                            =  6
#   c2 after e:          j1 before b, between, after f                                                  =  3   19 in all
# For larger k the same is counted by position (main, A, B): the number of ways to the end from a position is the sum
# over those who may step there. k = 1: 151, k = 2: 765, k = 3: 3239, k = 4: 12777. The orders of the critical
# sections are C(2k,k) = 2, 6, 20, 70.
set -u
# time-limit: 150
build=${BUILD:-build}
expected=(19 151 765 3239 12777)
orders=(1 2 6 20 70)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
for k in 0 1 2 3 4; do
	"$build/race" explore --strategy dfs --bound none --max-executions 0 --oracle none --show-output \
		--json "$folder/$k.json" -- "$build/tests/programs/mutex_orders" "$k" >"$folder/$k.out" 2>"$folder/$k.err"
	status=$?
	read -r executions exhausted < <(python3 -c '
import json, sys
result = json.load(open(sys.argv[1]))
print(result["executions"], bool(result["exhausted"]))' "$folder/$k.json")
	seen=$(grep -oE '(^|[^A-Za-z])[AB]+$' "$folder/$k.err" | grep -oE '[AB]+$' | sort -u | wc -l)
	[ "$k" = 0 ] && seen=1
	echo "k=$k: $executions executions (expected ${expected[k]}), $seen orders (expected ${orders[k]}), exhausted $exhausted"
	if [ "$status" != 0 ] || [ "$executions" != "${expected[k]}" ] || [ "$seen" != "${orders[k]}" ] ||
		[ "$exhausted" != True ]; then
		failed=1
	fi
done
exit $failed

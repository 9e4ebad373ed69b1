#!/bin/bash
# Plain enumeration of what an event loop may be told, and when: as many executions as there are ways.
#
# With n sources ready, poll may tell of any but the empty set of them: 2^n - 1. epoll tells of them in an order, in
# which any one may be first: a set of k counts k times, so that 2 give 2*1 + 1*2 = 4 ways, 3 give 3*1 + 3*2 + 1*3 = 12.
# Where there is room for fewer than are ready only the first is chosen.
#
# epoll_nothing_lost has three sources, 0, 1 and 2, ready at once; when 0 is handled it sends to 2 once more. What is
# handled in a turn is written in order; E(S) is the number of ways from a turn in which S is ready, 2' after the message
# of 0 has been sent. E of one source is 1 (0 alone: then 2' alone).
#   room for 3:  E(1,2') = 4, each followed by nothing or by one source
#                E(0,2)  = 4: 02, 20 then 2', 0 then 2', 2 then 0
#                E(0,1)  = 7 (2 handled): 01, 10 then 2'; 1 then 0; 0 then E(1,2') = 4
#     all three:   012, 102 (2 takes both messages), 201 then 2'                                       = 3
#     without 0:   12, 21, then 0                                                                      = 2
#     without 1:   02 then 1;  20 then E(1,2') = 4                                                     = 5
#     without 2:   01, 10, then 2'                                                                     = 2
#     one of them: 0 then E(1,2') = 4;  1 then E(0,2) = 4;  2 then E(0,1) = 7                          = 15   27 in all
#   room for 2:  first 0: 01 then 2';  first 1: 10 then 2';  first 2: 20 then E(1,2') = 4                     6 in all
#   room for 1:  0 then 1 or 2' first: 2;  1 then 0 or 2 first: 2;  2 then 1 first, or 0 and then 1 or 2' first: 3
#                                                                                                             7 in all
# However the descriptors are registered, as edges or once, that is the same; where all share their data there is no
# telling them apart, and no choice.
#
# event_double_fulfillment_fixed: after the response the stock's answer and the webhook are ready. epoll: both in two
# orders, webhook held back, or the answer held back; where the webhook comes first it finds the order pending, unless the
# answer came in the turn before, and asks the stock: one more message, which in the last case meets the first answer:
# 1 + 1 + 1 + 4 = 7. poll, select: answer first if both are told of: 1 + 1 + 3 = 5.
set -u
build=${BUILD:-build}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

count() { # EXPECTED PROGRAM [ARGUMENT...]
	local expected=$1 executions exhausted status
	shift
	"$build/race" explore --strategy dfs --bound none --max-executions 0 --json "$folder/result.json" \
		-- "$build/tests/programs/$1" "${@:2}" >"$folder/out" 2>"$folder/err"
	status=$?
	read -r executions exhausted < <(python3 -c '
import json, sys
result = json.load(open(sys.argv[1]))
print(result["executions"], bool(result["exhausted"]))' "$folder/result.json")
	echo "$*: $executions executions (expected $expected), exhausted $exhausted, status $status"
	[ "$status" = 0 ] && [ "$executions" = "$expected" ] && [ "$exhausted" = True ] || failed=1
}

for mode in level edge once once-edge nested; do
	count 27 epoll_nothing_lost $mode 3
done
for mode in level edge once once-edge; do
	count 6 epoll_nothing_lost $mode 2
	count 7 epoll_nothing_lost $mode 1
done
count 1 epoll_nothing_lost same 3
count 7 event_double_fulfillment_fixed epoll
count 5 event_double_fulfillment_fixed poll
count 5 event_double_fulfillment_fixed select
exit $failed

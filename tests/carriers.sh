#!/usr/bin/env bash
# The same plan gives the same trace on every carrier and reuse: the searches of one strategy and seed, plan by plan the
# same, must end with the same digest of all traces, the same number of executions and the same findings.
# time-limit: 300
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
race=$build/race
programs=$build/tests/programs
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() { echo "$*" >&2; exit 1; }

# Of a search, what must not depend on how it was run. Executions that reach no end of their own differ in what is left.
summary() {
	python3 -c 'import json, sys
result = json.load(open(sys.argv[1]))
print(result["trace_digest"], result["executions"], result["distinct_traces"], result["verdict"],
	[(finding["kind"], finding["fingerprint"], finding["first_execution"]) for finding in result["findings"]])' "$1"
}

used() { python3 -c 'import json, sys; result = json.load(open(sys.argv[1])); print(result[sys.argv[2]])' "$1" "$2"; }

# explore CARRIER REUSE STRATEGY COMMAND...: prints the summary
explore() {
	local carrier=$1 reuse=$2 strategy=$3 status=0
	shift 3
	"$race" explore --carrier "$carrier" --reuse "$reuse" --strategy "$strategy" --max-executions "$count" --keep-going \
		--no-minimize --output "$folder/races" --json "$folder/result.json" -- "$@" > "$folder/out" 2>&1 || status=$?
	[ $status = 0 ] || [ $status = 66 ] || { cat "$folder/out"; fail "$* on $carrier with $reuse: status $status"; }
	[ "$(used "$folder/result.json" carrier)" = "$carrier" ] || { cat "$folder/out"; fail "$*: not run on $carrier"; }
	summary "$folder/result.json"
}

# same STRATEGY COMMAND...
same() {
	local first other way
	first=$(explore thread fork "$@")
	for way in "fiber fork" "fiber exec" "fiber restore" "thread exec"; do
		other=$(explore $way "$@")
		[ "$first" = "$other" ] || fail "$*: thread with fork gave $first, $way $other"
	done
	echo "$*: $first"
}

count=40
for strategy in random pct pos dfs; do
	same $strategy "$programs/split_increment"
	same $strategy "$programs/circular_buffer_fixed"
done
for name in philosophers_fixed c11_queue phase_barrier rwlock_upgrade timed_wait_success semaphore_cycle \
	cancel_points signal_handler_flag signal_coalesce robust_ignored std_thread_cache double_fulfillment double_fulfillment_wal \
	double_fulfillment_processes reload_gap logger_shutdown pipe_both_read timer_descriptors; do
	same random "$programs/$name"
done
count=400 # executions that run ahead of the search, and findings among them
same random "$programs/split_increment"
same pos "$programs/philosophers_fixed"
count=10
same random "$programs/twostage_100"

#!/usr/bin/env bash
# A depth-first search that goes on from checkpoints inside executions meets exactly the executions that one meets which
# runs each from its start: the same traces in the same order, and the same output of each.
# time-limit: 180
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() { echo "$*" >&2; exit 1; }

"${CC:-gcc}" -O1 -pthread -o "$folder/long_steps" tests/programs/real/long_steps.c

# explore REUSE NAME COMMAND...: what the search came to, without what it was run with
explore() {
	local reuse=$1 name=$2
	shift 2
	"$build/race" explore --carrier fiber --reuse "$reuse" --strategy dfs --bound "$bound" --oracle none --max-executions "$count" \
		--json "$folder/$name.json" --show-output -- "$@" > "$folder/out" 2> "$folder/$name.shown" ||
		{ cat "$folder/out"; fail "$* with $reuse"; }
	python3 -c 'import json, sys; result = json.load(open(sys.argv[1]))
print(result["trace_digest"], result["executions"], result["distinct_traces"], result["exhausted"])' "$folder/$name.json"
}

resumed() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["resumed"])' "$folder/restore.json"; }

# same WHAT LEAST: at least so many go on from a checkpoint
same() {
	local first second n
	first=$(explore fork fork "$folder/long_steps" "$1")
	second=$(explore restore restore "$folder/long_steps" "$1")
	[ "$first" = "$second" ] || fail "$1: fork gave $first, restore $second"
	cmp "$folder/fork.shown" "$folder/restore.shown" || fail "$1: the output differs"
	[ -s "$folder/restore.shown" ] || fail "$1: no output was shown"
	n=$(resumed)
	[ "$n" -ge "$2" ] || fail "$1: only $n went on from a checkpoint"
	echo "$1: $n of ${second#* } from a checkpoint"
}

count=300 bound=none
for what in plain wait mask; do same "$what" 150; done
for what in late tell; do same "$what" 20; done
count=600 bound=2
same plain 20
# The portfolio asks for other plans in between.
bound=2 count=400
"$build/race" explore --carrier fiber --reuse restore --max-executions $count --json "$folder/auto.json" -- "$folder/long_steps" wait > "$folder/out" ||
	fail "$(cat "$folder/out")"

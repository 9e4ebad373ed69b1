#!/usr/bin/env bash
# Programs that use what a standard library has for running things side by side behave under control as they do
# natively: 200 interleavings each, no finding, the same output every time.
# time-limit: 120
set -euo pipefail
cd "$(dirname "$0")/.."
race=${BUILD:-build}/race
[ -x "$race" ] || { echo "$race is missing"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
nexecutions=200

fail() { echo "$*"; exit 1; }

# What stands below ` * output:` in a program's head comment.
expected_output() { sed -n '/^ \* output:$/,/^ \*\/$/s/^ \* \(.*\)$/\1/p' "$1" | tail -n +2; }

# explore SOURCE PROGRAM
explore() {
	local status=0 line shown traces
	expected_output "$1" > "$folder/expected"
	"$2" | diff "$folder/expected" - || fail "$1: natively it prints something else"
	"$race" explore --max-executions $nexecutions --show-output --output "$folder/races" --json "$folder/result.json" \
		-- "$2" > "$folder/out" 2> "$folder/shown" || status=$?
	[ $status = 0 ] || { tail -n 40 "$folder/out"; fail "$1: race ended with $status"; }
	traces=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["distinct_traces"])' "$folder/result.json")
	[ "$traces" -ge 20 ] || fail "$1: only $traces distinct traces"
	while IFS= read -r line; do
		shown=$(grep -cxF -- "$line" "$folder/shown") || true
		[ "$shown" -ge $nexecutions ] || fail "$1: '$line' was printed by $shown of $nexecutions executions"
	done < "$folder/expected"
	! grep -vxF -f "$folder/expected" "$folder/shown" | grep -vE '^execution [0-9]+:$' || fail "$1: prints something else in some execution"
	echo "$1: $traces distinct traces"
}

source=tests/programs/real/cpp_mix.cpp
"${CXX:-g++}" -std=c++20 -O1 -pthread -o "$folder/cpp_mix" $source
explore $source "$folder/cpp_mix"
command -v rustc > /dev/null || { echo "rustc is missing: $source was tried, Rust was not"; exit 77; }
source=tests/programs/real/rust_mix.rs
rustc --edition 2021 -O -o "$folder/rust_mix" $source
explore $source "$folder/rust_mix"

#!/bin/bash
# Executions a second under the thread carrier and the fork server, against spawning the same program natively, in one
# run on one core. Rounds alternate, because machines are noisy; ratios are taken within a round.
set -eu
build=${BUILD:-build}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
gcc -O2 -o "$folder/spawn" tests/bench/spawn.c
gcc -O2 -pthread -o "$folder/lock_loop" tests/bench/lock_loop.c
cpu=$(taskset -cp $$ | sed 's/.*[ ,-]//')

rate() { # of race, on the program with these arguments
	taskset -c "$cpu" "$build/race" explore --carrier thread --reuse fork --strategy random --oracle none --max-executions 2000 \
		--json "$folder/result.json" -- "$folder/lock_loop" "$@" >"$folder/out"
	python3 -c 'import json, sys; print(round(json.load(open(sys.argv[1]))["executions_per_second"]))' "$folder/result.json"
}

echo "executions a second on one core, thread carrier, fork server (race) against posix_spawn and wait (native)"
printf '%-22s %8s %8s %8s\n' program native race ratio
for shape in "2 5" "4 10"; do
	for round in 1 2 3; do
		native=$(taskset -c "$cpu" "$folder/spawn" 500 "$folder/lock_loop" $shape)
		race=$(rate $shape)
		printf '%-22s %8s %8s %8s\n' "${shape% *} threads x ${shape#* }" "$native" "$race" \
			"$(awk -v a="$race" -v b="$native" 'BEGIN { printf "%.2f", a / b }')"
	done
done

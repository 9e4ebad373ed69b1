#!/bin/bash
# A dozen small scenarios with all their outcomes, worked out by hand (tests/programs/outcomes.c): plain enumeration
# reaches each of them and nothing else; so does the portfolio when it says that it has exhausted everything; random
# strategies never show anything else. Each line: scenario, then the outcomes as "value text".
set -u
# time-limit: 150
build=${BUILD:-build}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

# outcomes SCENARIO OPTION...: what executions printed, sorted, on one line
outcomes() {
	local scenario=$1
	shift
	"$build/race" explore "$@" --oracle none --show-output --json "$folder/result.json" -- \
		"$build/tests/programs/outcomes" "$scenario" 2>"$folder/output" >"$folder/report"
	echo $? >"$folder/status"
	grep -aoE 'outcome .*\.$' "$folder/output" | sort -u | sed 's/^outcome //' | paste -sd' '
}

exhausted() {
	python3 -c 'import json, sys; sys.exit(0 if json.load(open(sys.argv[1]))["exhausted"] else 1)' "$folder/result.json"
}

while IFS='|' read -r scenario expected what; do
	all=$(outcomes "$scenario" --strategy dfs --bound none --max-executions 0)
	[ "$(cat "$folder/status")" = 0 ] && exhausted && [ "$all" = "$expected" ] && verdict=ok || verdict=FAIL
	portfolio=$(outcomes "$scenario" --strategy auto --max-executions 5000)
	[ "$(cat "$folder/status")" = 0 ] && exhausted && [ "$portfolio" = "$expected" ] || verdict=FAIL
	for strategy in random pct pos; do
		some=$(outcomes "$scenario" --strategy $strategy --max-executions 100)
		for outcome in $(tr ' ' '_' <<<"${some//. /.$'\n'}"); do
			case " $(tr ' ' '_' <<<"${expected//. /.$'\n'}" | paste -sd' ') " in
			*" $outcome "*) ;;
			*) verdict=FAIL ;;
			esac
		done
	done
	echo "$verdict $scenario $what: enumeration [$all] portfolio [$portfolio] by hand [$expected]"
	[ $verdict = ok ] || failed=1
done <<'TABLE'
0|1 . 2 .|split increments
1|2 .|whole increments
2|0 AB. 0 BA.|order of two
4|0 A. 0 AB. 0 B. 0 BA.|trylock
5|0 sw.|condition with predicate
6|0 00. 0 01. 0 10. 0 11.|semaphore of two
7|0 A. 0 B.|serial thread of a barrier
8|1 00. 1 11.|reader beside writer
9|0 A. 0 B.|once
10|0 AB. 0 BA.|spin lock
11|0 r. 0 t.|timed wait
12|0 1. 0 2.|read beside two writes
TABLE
exit $failed

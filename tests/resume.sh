#!/usr/bin/env bash
# A search that is killed again and again and resumed comes to what an uninterrupted one comes to; state that is
# damaged, foreign or can't be written is said so.
# time-limit: 120
set -uo pipefail
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
race=$build/race
programs=$build/tests/programs
outcomes=$programs/outcomes
for file in "$race" "$outcomes" "$programs/double_fulfillment"; do
	[ -x "$file" ] || { echo "$file is missing"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

fail() { echo "$*"; cat out err 2>/dev/null; exit 1; }

# expect CODE COMMAND...: runs it with its output in out and err.
expect() {
	local code=$1 status=0
	shift
	"$@" > out 2> err || status=$?
	[ "$status" = "$code" ] || fail "exit $status instead of $code: $*"
}

# numbers FILE: what must not depend on interruptions
numbers() {
	python3 -c 'import json, sys
result = json.load(open(sys.argv[1]))
print(result["verdict"], result["exit_code"], result["executions"], result["distinct_traces"], result["exhausted"],
	result["units"], result["overlapping_pairs"], [finding["fingerprint"] for finding in result["findings"]])' "$1"
}

remarks() {
	python3 -c 'import json, sys; print("\n".join(json.load(open(sys.argv[1]))["remarks"]))' "$1"
}

dfs() { "$race" explore --strategy dfs --bound none --max-executions 0 --json result.json "$@"; }

# Killed at random moments.
expect 0 dfs -- "$outcomes" 6
whole=$(numbers result.json)
kills=0
RANDOM=7
for attempt in $(seq 8); do
	"$race" explore --reuse fork --strategy dfs --bound none --max-executions 0 --resume state -- "$outcomes" 6 > out 2> err &
	pid=$!
	sleep "0.0$((RANDOM % 60 + 40))"
	kill -KILL $pid 2> kill.err && kills=$((kills + 1))
	wait $pid 2> wait.err
done
[ $kills -gt 3 ] || fail "killed $kills times only"
expect 0 dfs --resume state -- "$outcomes" 6
[ "$(numbers result.json)" = "$whole" ] || fail "resumed [$(numbers result.json)], at once [$whole]"
remarks result.json | grep -q '^resumed: [0-9]* of the executions are from state$' ||
	fail "it is not said that it was resumed"

# Resumed once more, there is nothing left to run.
size=$(stat -c %s state)
expect 0 dfs --resume state -- "$outcomes" 6
[ "$(numbers result.json)" = "$whole" ] || fail "again [$(numbers result.json)], at once [$whole]"
executions=$(python3 -c 'import json; print(json.load(open("result.json"))["executions"])')
remarks result.json | grep -q "^resumed: $executions of" || fail "not all is from the file: $(remarks result.json)"
[ "$(stat -c %s state)" = "$size" ] || fail "the finished state has grown"

# --max-executions counts all sessions; the parts make the same search, sampling included.
for strategy in auto pos; do
	expect 0 "$race" explore --strategy $strategy --max-executions 150 --json whole.json -- "$outcomes" 6
	for most in 40 90 150; do
		expect 0 "$race" explore --strategy $strategy --max-executions $most --resume parts.$strategy --json parts.json \
			-- "$outcomes" 6
		grep -q "\"executions\": $most," parts.json || fail "$strategy: not $most executions"
	done
	[ "$(numbers parts.json)" = "$(numbers whole.json)" ] ||
		fail "$strategy: in parts [$(numbers parts.json)], at once [$(numbers whole.json)]"
done

# Damage is cut off; what has gone is explored anew.
python3 - <<'END'
with open("state", "r+b") as file:
    file.seek(0, 2)
    middle = file.tell() // 2
    file.seek(middle)
    byte = file.read(1)[0]
    file.seek(middle)
    file.write(bytes([byte ^ 0x40]))
END
expect 0 dfs --resume state -- "$outcomes" 6
grep -q 'state is damaged after execution' err || fail "the damage is not told"
[ "$(numbers result.json)" = "$whole" ] || fail "mended [$(numbers result.json)], at once [$whole]"

# What is the state of something else is left alone.
cp state before
expect 2 dfs --resume state -- "$outcomes" 5
grep -q 'another search: it was made with another command' err || fail "another command is not told"
expect 2 dfs --seed 5 --resume state -- "$outcomes" 6
grep -q -e '--seed' err || fail "another seed is not told"
cp "$outcomes" program
expect 0 "$race" explore --max-executions 5 --resume mine -- ./program 6
printf x >> program
expect 2 "$race" explore --max-executions 5 --resume mine -- ./program 6
grep -q 'the program has changed since' err || fail "another program is not told"
echo 'no state' > note.txt
expect 2 dfs --resume note.txt -- "$outcomes" 6
grep -q 'note.txt is not the state of a search' err || fail "a foreign file is not told"
[ "$(cat note.txt)" = 'no state' ] && cmp -s state before || fail "a refused file was changed"
expect 3 dfs --resume . -- "$outcomes" 6
expect 3 dfs --resume /nonexistent/state -- "$outcomes" 6

# Findings of an earlier session are found again, whole; statements mean the same.
keep() { "$race" explore --keep-going --max-executions "$1" --json "$2" "${@:3}" -- "$programs/double_fulfillment"; }
expect 66 keep 60 whole.json
expect 66 keep 20 parts.json --resume found
expect 66 keep 60 parts.json --resume found
[ "$(numbers parts.json)" = "$(numbers whole.json)" ] ||
	fail "findings in parts [$(numbers parts.json)], at once [$(numbers whole.json)]"
python3 -c 'import json; [finding] = json.load(open("parts.json"))["findings"]; exit(not (
	finding["schedule"] and finding["timeline"] and finding["class"] == "double effect"))' ||
	fail "the finding is not whole"

# The disk is full: said at once and in the result, and the search goes on.
if unshare -Urm true 2> kill.err; then
	mkdir -p disk
	status=0
	unshare -Urm sh -c 'mount -t tmpfs -o size=128k none disk && "$@"' sh "$race" explore --strategy dfs --bound none \
		--max-executions 0 --json result.json --resume disk/state -- "$outcomes" 6 > out 2> err || status=$?
	[ $status = 0 ] || fail "exit $status with a full disk"
	grep -q "can't be kept in disk/state any more: No space left on device" err || fail "the full disk is not told"
	remarks result.json | grep -q 'No space left' || fail "the full disk is not in the result"
	[ "$(numbers result.json)" = "$whole" ] || fail "with a full disk [$(numbers result.json)], at once [$whole]"
fi
echo "killed $kills times: $whole"

#!/usr/bin/env bash
# Files that a program writes under their own names are listed, each once, as they are in the end, whatever way
# executions begin and whichever process writes. Databases, devices, pipes and what came and went are not.
set -euo pipefail
cd "$(dirname "$0")/.."
race=$PWD/${BUILD:-build}/race
source=$PWD/tests/programs/real/written_files.c
schema=$PWD/tools/report/race.schema.json
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() { echo "$*"; exit 1; }

"${CC:-gcc}" -O1 -pthread -o "$folder/written_files" "$source" -lsqlite3
cd "$folder"

# begin: a folder as it is before a campaign
begin() {
	rm -rf work
	mkdir work
	cd work
	echo many > shortened
	touch removed kept ../outside
	mkdir results
	mkfifo pipe
}

# listed FILE: the paths of a result with how they changed
listed() {
	python3 -c 'import json, jsonschema, sys
result = json.load(open(sys.argv[1]))
jsonschema.validate(result, json.load(open(sys.argv[2])))
print(" ".join(file["path"] + ":" + file["how"] for file in result["written"]))' "$1" "$schema"
}

threads="made:created removed:removed results/first:created results/replaced:created results/second:created \
shortened:changed"
for reuse in restore fork exec; do
	begin
	"$race" explore --reuse $reuse --carrier fiber --max-executions 50 --json r.json -- ../written_files > out ||
		fail "$(cat out)"
	got=$(listed r.json)
	[ "$got" = "$threads" ] || fail "$reuse lists $got"
	python3 -c 'import json, sys; sys.exit(json.load(open("r.json"))["reuse"] != sys.argv[1])' $reuse || fail "no $reuse"
	[ ! -e shop.db ] || fail "the database was written"
	grep -q '^written     made (created)$' out && grep -q '^            shortened (changed)$' out || fail "$(cat out)"
	cd ..
	echo "$reuse: $got"
done

# Children, what they execute, and a folder's descriptor.
all=${threads/ results\/first/ results\/child:created results\/executed:created results\/first}
for reuse in restore fork exec; do
	begin
	"$race" explore --reuse $reuse --max-executions 10 --json r.json -- ../written_files child > out || fail "$(cat out)"
	got=$(listed r.json)
	[ "$got" = "$all" ] || fail "$reuse with a child lists $got"
	cd ..
done

# So do single executions.
begin
"$race" run --json r.json -- ../written_files child
[ "$(listed r.json)" = "$all" ] || fail "run lists $(listed r.json)"
"$race" run --record run.race -- ../written_files 2> talk
"$race" replay --json r.json run.race > out || fail "$(cat out)"
listed r.json | grep -q 'results/first:changed' || fail "replay lists $(listed r.json)"
cd ..

# Outside the folder the name is whole; the user's own database is listed where it is worked on itself.
begin
"$race" explore --max-executions 2 --json r.json -- sh -c 'echo x >> ../outside' > out
[ "$(listed r.json)" = "$folder/outside:changed" ] || fail "$(listed r.json)"
"$race" explore --real-databases --max-executions 2 --json r.json -- ../written_files > out || fail "$(cat out)"
listed r.json | grep -q 'shop.db:created' || fail "a real database is not listed: $(listed r.json)"
cd ..

# There is a limit, and it is told.
begin
"$race" explore --max-executions 2 --json r.json -- ../written_files 600 > out || fail "$(cat out)"
[ "$(listed r.json | wc -w)" = 512 ] || fail "$(listed r.json | wc -w) are listed of 600"
grep -q '^remark .*not listed: more files were written than the 512' out || fail "the limit is not told: $(cat out)"
grep -q 'and 503 more; --json FILE lists them' out || fail "$(cat out)"
cd ..

# Who refuses to go on where its own output is fails the second time: that is no finding, and what to do is said.
begin
status=0
"$race" explore --max-executions 5 -- sh -c 'set -C; echo made > once' > out 2>&1 || status=$?
[ $status = 1 ] && grep -q 'when it was run once more' <(tr '\n' ' ' < out) && grep -q '^written     once (created)$' out ||
	fail "status $status: $(cat out)"
"$race" explore --max-executions 5 -- sh -c 'rm -f once; set -C; echo made > once' > out 2>&1 || fail "$(cat out)"
cd ..

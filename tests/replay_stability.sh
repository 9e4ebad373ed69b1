#!/bin/bash
# The double fulfilment is found within five executions and shrunk to at most two preemptions; its schedule replays
# identically 1000 times of 1000, and still leads to the failure after unrelated edits of the program. That schedules are
# written makes no difference to a program that sees them.
set -u
# time-limit: 150
build=${BUILD:-build}
program=$build/tests/programs/double_fulfillment
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() {
	echo "FAIL $*"
	exit 1
}
"$build/race" explore --output "$folder" --json "$folder/result.json" -- "$program" >"$folder/report"
[ $? = 66 ] || fail "explore did not find the double fulfilment"
python3 - "$folder/result.json" <<'PYTHON' || fail "not as it should be: $(cat "$folder/report")"
import json, sys
result = json.load(open(sys.argv[1]))
finding = result["findings"][0]
print(finding["kind"], "/", finding["class"], "in execution", finding["first_execution"])
sys.exit(finding["kind"] != "serializability" or finding["class"] != "double effect" or finding["first_execution"] > 5)
PYTHON
grep -qE '\(([0-2]) preemptions?,' "$folder/report" || fail "more than two preemptions"
schedule=$(ls "$folder"/*.race)
first=$("$build/race" replay --repeat 1000 "$schedule" -- "$program" | head -n 1)
echo "$first"
[ "${first%%:*}" = "identical 1000 of 1000" ] || fail "not identical: $first"

# an unrelated function, and ten lines of logging in the handlers
sed -e 's/^static void fulfill/static void log_line(int n)\n{\n\tfprintf(stderr, "line %d\\n", n);\n}\n\n&/' \
	-e 's/^\tsqlite3 \*db = shop_open();/\tfor (int i = 0; i < 5; i++)\n\t\tlog_line(i);\n&\n\tfor (int i = 5; i < 10; i++)\n\t\tlog_line(i);/' \
	tests/programs/double_fulfillment.c >"$folder/edited.c"
cmp -s tests/programs/double_fulfillment.c "$folder/edited.c" && fail "the edit did not apply"
gcc -O1 -g -pthread -Itests/programs -o "$folder/edited" "$folder/edited.c" -lsqlite3 || fail "edited program"
"$build/race" replay "$schedule" -- "$folder/edited" >"$folder/replay" 2>/dev/null
[ $? = 66 ] || fail "the edited program did not fail: $(head -3 "$folder/replay")"
echo "after edits: $(head -n 1 "$folder/replay")"

# a program that takes a lock for each entry of its folder, where race leaves its schedules
cat >"$folder/lists.c" <<'C'
#include <assert.h>
#include <dirent.h>
#include <pthread.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int total;
static void add(int n)
{
	pthread_mutex_lock(&lock);
	total += n;
	pthread_mutex_unlock(&lock);
}
static void list(void)
{
	DIR *folder = opendir(".");
	while (readdir(folder))
		add(0);
	closedir(folder);
}
static void *run(void *unused)
{
	list();
	pthread_mutex_lock(&lock);
	int seen = total;
	pthread_mutex_unlock(&lock);
	pthread_mutex_lock(&lock);
	total = seen + 1;
	pthread_mutex_unlock(&lock);
	return unused;
}
int main(void)
{
	pthread_t threads[2];
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], 0, run, 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], 0);
	assert(total == 2);
}
C
gcc -O1 -pthread -o "$folder/lists" "$folder/lists.c" || fail "program that lists"
mkdir "$folder/empty" && race=$(realpath "$build/race") && cd "$folder/empty" || fail "folder"
"$race" explore -- ../lists >../report 2>&1
[ $? = 66 ] || fail "explore in a folder that is listed: $(tail -n 5 ../report)"
first=$("$race" replay --repeat 10 race-findings/*.race | head -n 1)
echo "listed: $first"
[ "${first%%:*}" = "identical 10 of 10" ] || fail "not identical: $first"
rm -r race-findings
"$race" explore -- /bin/true >../report 2>&1
[ $? = 0 ] && [ ! -e race-findings ] || fail "a folder is left behind: $(tail -n 5 ../report)"

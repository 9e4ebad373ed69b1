#!/usr/bin/env bash
# Java, PostgreSQL's JDBC driver, the JDK's own HTTP server. The virtual machine's threads wait with time-outs all the
# time; the shop's own time-outs, and the driver's, must not run out because of that. time-limit: 500
#
# race has it interpreted, without files in /tmp by which virtual machines tell how they do: that schedules can be followed
# hangs on both.
# shellcheck source=tests/shops/visiting
. "$(dirname "$0")/visiting"
need java javac
driver=/usr/share/java/postgresql.jar
[ -f "$driver" ] || { echo "PostgreSQL's JDBC driver is not installed"; exit 77; }

javac -d "$folder" "$shops"/*.java || exit 3
postgres_start
postgres_listen
fresh() { postgres_make shop; }
fresh
SHOP_URL=$(postgres_url shop)
databases=(--db-force --db "$SHOP_URL") executions=10
replays=3 patience=100 wanted="identical 3 of 3: the failure occurred 3 times"
export SHOP_JDBC="jdbc:postgresql://127.0.0.1:$POSTGRES_PORT/shop?user=shop"
command=(java -cp "$driver:$folder" ShopTest)

# As people run it.
observes "Java, JDBC, bare preload" "${command[@]}"
for round in 1 2 3; do
	observed java -cp "$driver:$folder" Locked || fail "Java's locks, bare preload: status $?"
	grep '^race: ' observed && fail "Java's locks, bare preload: something is said"
done
fresh

finds "Java, JDBC" -- "${command[@]}"
PADDING=$(printf '%0500d' 0) replays "Java, JDBC, in another environment"
holds "Java, JDBC" -- "${command[@]}"

# Who has options of their own gets what these say: the compiler is on, and the bug is found as well.
export JAVA_TOOL_OPTIONS=-XX:+UseSerialGC
timeout 120 "$race" explore --quiet --no-minimize --max-executions 100 "${databases[@]}" -- "${command[@]}" > report 2>&1
status=$?
summary "Java, JDBC, compiled"
[ $status -eq 66 ] && grep -q 'double effect' report || { tail -n 40 report; fail "Java, JDBC, compiled: status $status"; }
exit $failed

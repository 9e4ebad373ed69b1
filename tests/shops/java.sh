#!/usr/bin/env bash
# Java, PostgreSQL's JDBC driver, the JDK's own HTTP server. The virtual machine's threads wait with time-outs all the
# time; the shop's own time-outs, and the driver's, must not run out because of that. time-limit: 500
#
# Explored on threads, and interpreted: what the compiler's threads do beside is no business of the shop, and takes most of the
# steps. Without the files in /tmp by which virtual machines tell how they do: each looks at those of all others.
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
databases=(--db-force --db "$SHOP_URL") carrying=(--carrier thread) executions=10
replays=3 patience=200 wanted="identical 3 of 3: the failure occurred 3 times" # some ten thousand steps each
export SHOP_JDBC="jdbc:postgresql://127.0.0.1:$POSTGRES_PORT/shop?user=shop"
command=(java -cp "$driver:$folder" ShopTest)

# As people run it.
observes "Java, JDBC, bare preload" "${command[@]}"
for round in 1 2 3; do
	observed java -cp "$driver:$folder" Locked || fail "Java's locks, bare preload: status $?"
	grep '^race: ' observed && fail "Java's locks, bare preload: something is said"
done
fresh

export JAVA_TOOL_OPTIONS="-Xint -XX:-UsePerfData"

finds "Java, JDBC" -- "${command[@]}"
holds "Java, JDBC" -- "${command[@]}"
exit $failed

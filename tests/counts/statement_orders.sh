#!/bin/bash
# Plain enumeration of two naive fulfilments on servers: a check (c), and where the order is pending a change (u) and a
# shipment (s), each a statement of its own. Every order of the statements is met, and nothing else:
#
#   both checks come first:   2 orders of them, then every way to mix us and us, 4! / (2! 2!) = 6   = 12, two shipments
#   one check comes behind the other's change, and ends it there: c u c s, c u s c; of either    =  4, one shipment
#                                                                                                  16 in all
# The other task also begins (b) and exits (e), which makes more interleavings of the same orders: of main's C U S with
#   b c u s e   c before U, C before u:  b c C, then 2 and 3 mixed, 10; C b c and b C c, then the same, 20       = 30
#   b c e       c behind U:              b among C U, then c, then S and e mixed, 3 * 2; b among C U S, then c, 4 = 10
#   b c u s e   C behind u, and alone:   behind u, s or e                                                        =  3
#                                                                                                     43 executions
# time-limit: 150
set -u
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
# shellcheck source=tests/db/servers
. tests/db/servers
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

count() { # PROGRAM
	export SHOP_URL
	"$RACE" explore --strategy dfs --bound none --max-executions 0 --oracle none --show-output --quiet --db "$SHOP_URL" \
		--json "$folder/json" -- "$BUILD/tests/programs/$1" > "$folder/out" 2>&1
	local status=$? orders two exhausted
	orders=$(grep -o 'order [AB]* shipments [0-9]*' "$folder/out" | sort -u)
	two=$(grep -c 'shipments 2$' <<< "$orders")
	exhausted=$(python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print(r["executions"], bool(r["exhausted"]))' "$folder/json")
	echo "$1: $(wc -l <<< "$orders") orders (expected 16), $two with two shipments (expected 12); executions (expected 43), exhausted: $exhausted"
	[ "$status $(wc -l <<< "$orders") $two $exhausted" = "0 16 12 43 True" ] || { failed=1; echo "$orders"; tail -n 15 "$folder/out"; }
}

postgres_start
postgres_make shop
SHOP_URL=$(postgres_url shop)
count pg_orders
mariadb_start
mariadb_make shop
SHOP_URL=$(mariadb_url shop)
count my_orders
redis_start
SHOP_URL=$(redis_url 0)
count rd_orders
exit $failed

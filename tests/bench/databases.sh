#!/bin/bash
# What an execution on a database server costs, against the same statements by a plain client, and what it costs to put
# the start state back, against other ways. On private servers in memory; all in one run, because machines are noisy.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
# shellcheck source=tests/db/servers
. tests/db/servers
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
gcc -O2 -pthread -o "$folder/databases" tests/bench/databases.c -lpq -lmariadb || { echo "no client libraries"; exit 0; }

tables() { # SERIAL: two tables of 100 rows each, and as many more as are asked for
	echo "CREATE TABLE orders (id int PRIMARY KEY, status varchar(20) NOT NULL, amount int NOT NULL);
		CREATE TABLE shipments (id $1 PRIMARY KEY, order_id int NOT NULL, note varchar(20));"
	for table in $(seq 3 "$2"); do
		echo "CREATE TABLE other_$table (id $1 PRIMARY KEY, name varchar(20), n int);"
		echo "INSERT INTO other_$table (name, n) SELECT 'name', n FROM numbers;"
	done
	echo "INSERT INTO orders SELECT n, 'pending', n FROM numbers;"
}

# One line: what race needs for an execution, and the parts of that. The tables are there before.
measure() { # NAME TABLES
	local bare connecting state way number
	bare=$("$folder/databases" plain 1000)
	connecting=$("$folder/databases" connecting 200)
	state=$("$folder/databases" explorer 1000 "$build/tests/db/adapter")
	for way in before inside; do
		number=$([ $way = before ] && echo 1000 || echo 150)
		"$build/race" explore --db-force --db "$SHOP_URL" --strategy random --max-executions "$number" --keep-going --quiet \
			--json "$folder/result.json" --output "$folder/races" -- "$folder/databases" $way > "$folder/out" 2>&1 || { cat "$folder/out"; exit 1; }
		python3 - "$folder/result.json" "$1" "$2" "$way" "$state" "$([ $way = before ] && echo "$bare" || echo "$connecting")" <<-'END'
			import json, sys
			rate = json.load(open(sys.argv[1]))["executions_per_second"]
			name, tables, way, state, plain = sys.argv[2:]
			print(f"{name:<11} {tables:>6} {way:<9} {rate:10.0f} {1000 / rate:9.2f} {int(state) / 1000:9.2f} {int(plain) / 1000:9.2f} {1e6 / rate / int(plain):7.1f}")
		END
	done
}

echo "milliseconds for one execution of two units with up to five statements; connections made before the units, or inside"
printf '%-11s %6s %-9s %10s %9s %9s %9s %7s\n' server tables connects executions ms/one "of that" plain ratio
printf '%-11s %6s %-9s %10s %9s %9s %9s\n' "" "" "" "a second" "" "explorer" client
postgres_start
for n in 2 20; do
	postgres_make shop "CREATE TEMPORARY VIEW numbers AS SELECT n FROM generate_series(1, 100) n; $(tables serial "$n")"
	SHOP_URL=$(postgres_url shop) && export SHOP_URL
	measure PostgreSQL "$n"
done
postgres_make shop_template "CREATE TEMPORARY VIEW numbers AS SELECT n FROM generate_series(1, 100) n; $(tables serial 2)"
template=$("$folder/databases" template 20)
postgres_make shop "CREATE TEMPORARY VIEW numbers AS SELECT n FROM generate_series(1, 100) n; $(tables serial 2)
	CREATE TABLE orders_copy AS SELECT * FROM orders; CREATE TABLE shipments_copy AS SELECT * FROM shipments"
refill=$("$folder/databases" refill 100)
echo "PostgreSQL, putting back otherwise: DROP DATABASE and CREATE DATABASE ... TEMPLATE, and connecting $((template / 1000)) ms;" \
	"TRUNCATE and INSERT of two tables $(awk -v us="$refill" 'BEGIN { printf "%.1f", us / 1000 }') ms"
mariadb_start
for n in 2 20; do
	mariadb_make shop "CREATE VIEW numbers AS SELECT seq AS n FROM seq_1_to_100; $(tables "int AUTO_INCREMENT" "$n") DROP VIEW numbers"
	SHOP_URL=$(mariadb_url shop) && export SHOP_URL
	measure MariaDB "$n"
done
mariadb_make shop "CREATE VIEW numbers AS SELECT seq AS n FROM seq_1_to_100; $(tables "int AUTO_INCREMENT" 2) DROP VIEW numbers;
	CREATE TABLE orders_copy AS SELECT * FROM orders; CREATE TABLE shipments_copy AS SELECT * FROM shipments"
refill=$("$folder/databases" refill 100)
echo "MariaDB, putting back otherwise: TRUNCATE and INSERT of two tables $(awk -v us="$refill" 'BEGIN { printf "%.1f", us / 1000 }') ms"

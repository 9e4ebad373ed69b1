#!/usr/bin/env bash
# Sessions with MariaDB and Redis that are encrypted. What libmariadb gives to OpenSSL is seen, and races are found; where
# Redis has another address for TLS than race speaks to, what goes there is not seen, which the result says.
# time-limit: 400
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
# shellcheck source=tests/db/servers
. tests/db/servers
# shellcheck source=tests/db/asking
. tests/db/asking
command -v openssl > /dev/null || { echo "openssl is not installed"; exit 77; }
server_certificate

# encrypted WORD URL SCRIPT: a script that is well by itself is so under race; its two halves are said to be encrypted
encrypted() {
	echo "$3" > "$scratch/$1"
	bash "$scratch/$1" > "$scratch/log" 2>&1 || { cat "$scratch/log"; fail "$1 fails by itself"; }
	expect 0 "encrypted session" timeout 100 "$RACE" explore --max-executions 4 --db-force --db "$2" --output "$scratch/races" \
		--json "$scratch/$1.json" -- bash "$scratch/$1"
	grep -q '"reason": "tls:' "$scratch/$1.json" || { cat "$scratch/$1.json"; fail "$1: no reason tls"; }
}

mariadb_start "ssl_cert = $CERTIFICATE" "ssl_key = $CERTIFICATE_KEY"
mariadb_make shop "CREATE TABLE orders (id INT PRIMARY KEY, n INT); INSERT INTO orders VALUES (1, 0)"
client="mariadb --no-defaults --ssl --socket=$MARIADB_FOLDER/socket --user=shop -N -B shop"
same "MariaDB's cipher" "$($client -e "SHOW STATUS LIKE 'Ssl_cipher'" | cut -c1-14)" "Ssl_cipher	TLS"
add="BEGIN; SELECT n FROM orders WHERE id = 1 FOR UPDATE; UPDATE orders SET n = n + 1 WHERE id = 1; COMMIT"
echo "set -e
$client -e '$add' & first=\$!
$client -e '$add'
wait \$first" > "$scratch/mariadb"
expect 0 "no finding" timeout 100 "$RACE" explore --max-executions 4 --db-force --db "$(mariadb_url shop)" -- bash "$scratch/mariadb"
grep -q "encrypted session" "$scratch/log" && { cat "$scratch/log"; fail "MariaDB's client is not seen"; }

# Each session reads all certificates of the system.
export SHOP_TLS=1 SHOP_URL=
mariadb_make shop
SHOP_URL=$(mariadb_url shop)
program=$BUILD/tests/programs/my_double_fulfillment
expect 66 "double effect" timeout 100 "$RACE" explore --db-force --db "$SHOP_URL" --output "$scratch/races" -- "$program"
grep -q "encrypted session" "$scratch/log" && { cat "$scratch/log"; fail "libmariadb is not seen"; }
expect 66 "identical 5 of 5" timeout 100 "$RACE" replay --repeat 5 --db-force --db "$SHOP_URL" "$(ls -t "$scratch"/races/*.race | head -n 1)" -- "$program"
expect 0 "no finding" timeout 100 "$RACE" explore --max-executions 8 --db-force --db "$SHOP_URL" -- "${program}_fixed"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
redis_start --tls-port "$port" --tls-cert-file "$CERTIFICATE" --tls-key-file "$CERTIFICATE_KEY" --tls-auth-clients no
client="redis-cli --tls --insecure -p $port"
same "Redis over TLS" "$($client PING)" PONG
encrypted redis "$(redis_url 0)" "set -e
$client INCR orders & first=\$!
$client INCR orders
wait \$first"

# race itself speaks to servers in the clear, and ends where they don't
expect 2 "--db: Redis" timeout 60 "$RACE" explore --max-executions 4 --db-force --db "redis://127.0.0.1:$port/0" -- bash "$scratch/redis"
exit $failed

#!/usr/bin/env bash
# The shops whose drivers encrypt with OpenSSL: Python's psycopg2, PHP's PDO and mysqli, Ruby's pg. Their statements are seen
# all the same. time-limit: 300
# shellcheck source=tests/shops/visiting
. "$(dirname "$0")/visiting"
need openssl curl php ruby
modules=$(php -m)
[[ $modules == *pdo_pgsql* && $modules == *mysqli* ]] || { echo "pdo_pgsql or mysqli is not installed"; exit 77; }
ruby -e 'require "pg"' 2> /dev/null || { echo "the pg gem is not installed"; exit 77; }
/usr/bin/python3 -c 'import psycopg2' 2> /dev/null || { echo "psycopg2 is not installed"; exit 77; }
executions=8 replays=3 wanted="identical 3 of 3: the failure occurred 3 times"

# What is said of the result: nothing of it was hidden.
seen() { grep -q '"reason": "tls:' result.json && fail "$1: its statements are not seen"; }

postgres_start
server_certificate
postgres_listen "ssl = on" "ssl_cert_file = '$CERTIFICATE'" "ssl_key_file = '$CERTIFICATE_KEY'"
SHOP_URL=$(postgres_url shop)
export SHOP_URL PGSSLMODE=require
databases=(--db-force --db "$SHOP_URL")
fresh() { postgres_make shop; }
fresh
finds "Python, psycopg2, TLS" -- /usr/bin/python3 "$shops/shop_test.py"
seen "Python"
fresh
holds "Python, psycopg2, TLS" -- /usr/bin/python3 "$shops/shop_test.py"

fresh() { :; }
port=$(free_port)
postgres_make shop "$(schema serial)"
serves "Ruby, pg, TLS" -- ruby "$shops/shop.rb" "$port"
seen "Ruby"

port=$(free_port)
export SHOP_PDO="pgsql:host=127.0.0.1;port=$POSTGRES_PORT;user=shop;dbname=shop" PHP_CLI_SERVER_WORKERS=2
serves "PHP, PDO, TLS" -- php -S "127.0.0.1:$port" "$shops/shop.php"
seen "PDO"
exit $failed

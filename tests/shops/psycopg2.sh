#!/usr/bin/env bash
# Python, psycopg2 on PostgreSQL, threads: the same test as on SQLite. time-limit: 240
# shellcheck source=tests/shops/visiting
. "$(dirname "$0")/visiting"
/usr/bin/python3 -c 'import psycopg2' 2> /dev/null || { echo "psycopg2 is not installed"; exit 77; }

fresh() { postgres_make shop; }
on_postgres
observes "Python, psycopg2, bare preload" /usr/bin/python3 "$shops/shop_test.py"
fresh
finds "Python, psycopg2" -- /usr/bin/python3 "$shops/shop_test.py"
holds "Python, psycopg2" -- /usr/bin/python3 "$shops/shop_test.py"
exit $failed

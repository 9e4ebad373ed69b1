#!/usr/bin/env bash
# Python, psycopg2 on PostgreSQL, two worker processes. time-limit: 240
# shellcheck source=tests/shops/visiting
. "$(dirname "$0")/visiting"
need curl
/usr/bin/python3 -c 'import psycopg2' 2> /dev/null || { echo "psycopg2 is not installed"; exit 77; }

port=$(free_port)
on_postgres "$(schema serial)"
serves "Python, psycopg2, two workers" -- /usr/bin/python3 "$shops/prefork.py" "$port"
exit $failed

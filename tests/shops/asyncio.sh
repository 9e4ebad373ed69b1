#!/usr/bin/env bash
# Python, asyncio with asyncpg on PostgreSQL: one process, no threads. Two requests overlap because its loop hears of the
# one while it waits for the reply that the other needs. time-limit: 240
# shellcheck source=tests/shops/visiting
. "$(dirname "$0")/visiting"
need curl
/usr/bin/python3 -c 'import asyncpg' 2> /dev/null || { echo "asyncpg is not installed"; exit 77; }

port=$(free_port)
on_postgres "$(schema serial)"
executions=30 # those that it begins with hear of one request after the other
serves "Python, asyncpg" -- /usr/bin/python3 "$shops/shop_asyncio.py" "$port"
exit $failed

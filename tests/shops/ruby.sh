#!/usr/bin/env bash
# Ruby, the pg gem on PostgreSQL, a thread for each request. time-limit: 240
# shellcheck source=tests/shops/visiting
. "$(dirname "$0")/visiting"
need ruby curl
ruby -e 'require "pg"' 2> /dev/null || { echo "the pg gem is not installed"; exit 77; }

port=$(free_port)
on_postgres "$(schema serial)"
serves "Ruby, pg" -- ruby "$shops/shop.rb" "$port"
exit $failed

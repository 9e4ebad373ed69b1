#!/usr/bin/env bash
# Node, `pg` on PostgreSQL: one process, asynchronous, with the threads that V8 and libuv bring. time-limit: 300
# shellcheck source=tests/shops/visiting
. "$(dirname "$0")/visiting"
need node curl

# Debian's module where it is installed (it conflicts with other builds of Node), else what npm brings, once.
modules=$repository/${BUILD:-build}/tests/node
export NODE_PATH=${NODE_PATH:+$NODE_PATH:}/usr/share/nodejs:$modules/node_modules
has_pg() { node -e 'require("pg")' 2> /dev/null; }
has_pg || { need npm && timeout 60 npm install --silent --no-audit --no-fund --prefix "$modules" pg@8 > npm.log 2>&1; }
has_pg || { cat npm.log; echo "Node's pg is not installed"; exit 77; }
# Another hundred certificates would be read at each start.
unset NODE_EXTRA_CA_CERTS

port=$(free_port)
on_postgres "$(schema serial)"
executions=30 # those that it begins with hear of one request after the other
serves "Node, pg" -- node "$shops/shop.js" "$port"
exit $failed

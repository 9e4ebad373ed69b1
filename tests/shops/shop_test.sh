#!/bin/sh
# What a team would write for a shop in any language: starts it, lets the webhook and the charge response come in
# together, and looks whether both were answered.
#
# usage: shop_test.sh PORT SERVER...
port=$1
shift
"$@" > server.log 2>&1 &
server=$!
trap 'kill $server' EXIT
until curl -s -o start "http://127.0.0.1:$port/health"; do sleep 0.1; done
curl -sf -d order=1 -o webhook "http://127.0.0.1:$port/webhook" & webhook=$!
curl -sf -d order=1 -o charge "http://127.0.0.1:$port/charge" & charge=$!
wait $webhook && wait $charge

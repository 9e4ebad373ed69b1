#!/usr/bin/env bash
# Perl, DBD::Pg on PostgreSQL, a process for each request. time-limit: 240
# shellcheck source=tests/shops/visiting
. "$(dirname "$0")/visiting"
need perl curl
perl -MDBD::Pg -e 1 2> /dev/null || { echo "DBD::Pg is not installed"; exit 77; }

port=$(free_port)
on_postgres "$(schema serial)"
serves "Perl, DBD::Pg" -- perl "$shops/shop.pl" "$port"
exit $failed

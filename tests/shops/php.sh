#!/usr/bin/env bash
# PHP, PDO on PostgreSQL, two worker processes of the server that PHP brings. time-limit: 240
# shellcheck source=tests/shops/visiting
. "$(dirname "$0")/visiting"
need php curl
modules=$(php -m)
[[ $modules == *pdo_pgsql* ]] || { echo "pdo_pgsql is not installed"; exit 77; }

port=$(free_port)
on_postgres "$(schema serial)"
export SHOP_PDO="pgsql:host=$POSTGRES_FOLDER;dbname=shop" PHP_CLI_SERVER_WORKERS=2
serves "PHP, PDO, two workers" -- php -S "127.0.0.1:$port" "$shops/shop.php"
exit $failed

#!/usr/bin/env bash
# PHP, mysqli on MariaDB, two worker processes of the server that PHP brings. time-limit: 240
# shellcheck source=tests/shops/visiting
. "$(dirname "$0")/visiting"
need php curl
modules=$(php -m)
[[ $modules == *mysqli* ]] || { echo "mysqli is not installed"; exit 77; }

port=$(free_port)
on_mariadb "$(schema 'integer AUTO_INCREMENT')"
export SHOP_SOCKET=$MARIADB_FOLDER/socket PHP_CLI_SERVER_WORKERS=2
serves "PHP, mysqli, two workers" -- php -S "127.0.0.1:$port" "$shops/shop_mysqli.php"
exit $failed

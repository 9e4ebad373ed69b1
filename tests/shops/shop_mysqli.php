<?php
// The shop in PHP: mysqli on MariaDB, served by `php -S` with PHP_CLI_SERVER_WORKERS=2. SHOP_SOCKET is the server's;
// FIXED in the environment mends it.

function fulfill(mysqli $db): bool
{
    if (getenv('FIXED')) {
        $db->query("UPDATE orders SET status = 'fulfilled' WHERE id = 1 AND status = 'pending'");
        if ($db->affected_rows === 0) {
            return false;
        }
    } else {
        if ($db->query('SELECT status FROM orders WHERE id = 1')->fetch_row()[0] !== 'pending') {
            return false;
        }
        $db->query("UPDATE orders SET status = 'fulfilled' WHERE id = 1");
    }
    $db->query('INSERT INTO shipments (order_id) VALUES (1)');
    return true;
}

if ($_SERVER['REQUEST_URI'] === '/health') {
    return true;
}
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$db = new mysqli('localhost', 'shop', '', 'shop', 0, getenv('SHOP_SOCKET'));
$db->begin_transaction();
$fulfilled = fulfill($db);
$db->commit();
header('Content-Type: application/json');
echo json_encode(['fulfilled' => $fulfilled]);

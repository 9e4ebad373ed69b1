<?php
// The shop in PHP: PDO on PostgreSQL, served by `php -S` with PHP_CLI_SERVER_WORKERS=2. SHOP_URL names the database as
// PDO does; FIXED in the environment mends it.

function fulfill(PDO $db): bool
{
    $db->beginTransaction();
    if (getenv('FIXED')) {
        if ($db->exec("UPDATE orders SET status = 'fulfilled' WHERE id = 1 AND status = 'pending'") === 0) {
            $db->rollBack();
            return false;
        }
    } else {
        if ($db->query('SELECT status FROM orders WHERE id = 1')->fetchColumn() !== 'pending') {
            $db->rollBack();
            return false;
        }
        $db->exec("UPDATE orders SET status = 'fulfilled' WHERE id = 1");
    }
    $db->exec('INSERT INTO shipments (order_id) VALUES (1)');
    $db->commit();
    return true;
}

if ($_SERVER['REQUEST_URI'] === '/health') {
    return true;
}
$db = new PDO(getenv('SHOP_PDO'), 'shop', null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
header('Content-Type: application/json');
echo json_encode(['fulfilled' => fulfill($db)]);

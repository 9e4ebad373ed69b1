#!/usr/bin/env node
// The shop in Node: one process, `pg` on PostgreSQL with a client for each request, as small services do it.
//
// usage: shop.js PORT      SHOP_URL names the database; FIXED in the environment mends it
const http = require('http');
const { Client } = require('pg');

const where = new URL(process.env.SHOP_URL.replace('postgresql:///', 'postgresql://shop/'));
const place = { host: where.searchParams.get('host'), user: where.searchParams.get('user'), database: where.pathname.slice(1) };

async function fulfill(db) {
  if (process.env.FIXED) {
    const taken = await db.query("UPDATE orders SET status = 'fulfilled' WHERE id = 1 AND status = 'pending'");
    if (taken.rowCount === 0) return false;
  } else {
    const order = await db.query('SELECT status FROM orders WHERE id = 1');
    if (order.rows[0].status !== 'pending') return false;
    await db.query("UPDATE orders SET status = 'fulfilled' WHERE id = 1");
  }
  await db.query('INSERT INTO shipments (order_id) VALUES (1)');
  return true;
}

const server = http.createServer(async (request, response) => {
  const db = new Client(place);
  await db.connect();
  const fulfilled = await fulfill(db);
  await db.end();
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Connection', 'close');
  response.end(JSON.stringify({ fulfilled }));
});
server.listen(Number(process.argv[2]), '127.0.0.1');

#!/usr/bin/env python3
"""The shop: a webhook and a charge response may each fulfil an order. Served by the standard library, a thread for each
request, a connection of its own to the database, as small services do it.

usage: shop.py PORT

The database is the one on PostgreSQL that SHOP_URL names, else shop.db in the current folder. FIXED mends the shop.
"""
import json
import os
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def connect():
    if "SHOP_URL" in os.environ:
        import psycopg2
        return psycopg2.connect(os.environ["SHOP_URL"])
    return sqlite3.connect("shop.db", isolation_level=None)


def fulfill(cursor):
    if os.environ.get("FIXED"):
        cursor.execute("UPDATE orders SET status = 'fulfilled' WHERE id = 1 AND status = 'pending'")
        if cursor.rowcount == 0:
            return False
    else:
        cursor.execute("SELECT status FROM orders WHERE id = 1")
        if cursor.fetchone()[0] != "pending":
            return False
        cursor.execute("UPDATE orders SET status = 'fulfilled' WHERE id = 1")
    cursor.execute("INSERT INTO shipments (order_id) VALUES (1)")
    return True


class Shop(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        db = connect()
        body = json.dumps({"fulfilled": fulfill(db.cursor())}).encode()
        db.commit()
        db.close()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def serve(port=0):
    server = ThreadingHTTPServer(("127.0.0.1", port), Shop)
    server.daemon_threads = True
    return server


if __name__ == "__main__":
    serve(int(sys.argv[1])).serve_forever()

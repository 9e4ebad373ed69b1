#!/usr/bin/env python3
"""The shop: a webhook and a charge response may each fulfil an order. Served by the standard library, a thread for each
request, a connection of its own to the database, as small services do it.

usage: shop.py PORT-FILE      the database is shop.db in the current folder; FIXED in the environment mends it
"""
import json
import os
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def fulfill(db):
    if os.environ.get("FIXED"):
        taken = db.execute("UPDATE orders SET status = 'fulfilled' WHERE id = 1 AND status = 'pending'").rowcount
        if not taken:
            return False
    else:
        (status,) = db.execute("SELECT status FROM orders WHERE id = 1").fetchone()
        if status != "pending":
            return False
        db.execute("UPDATE orders SET status = 'fulfilled' WHERE id = 1")
    db.execute("INSERT INTO shipments (order_id) VALUES (1)")
    return True


class Shop(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        db = sqlite3.connect("shop.db", isolation_level=None)
        body = json.dumps({"fulfilled": fulfill(db)}).encode()
        db.close()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def serve():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.daemon_threads = True
    return server


if __name__ == "__main__":
    shop = serve()
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(str(shop.server_address[1]))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    shop.serve_forever()

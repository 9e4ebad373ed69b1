#!/usr/bin/env python3
"""What a team would write: starts the shop in the test's own process, creates an order, lets the webhook and the charge
response come in together, and looks whether both were answered."""
import os
import sqlite3
import sys
import threading
import unittest
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shop


class FulfillmentTest(unittest.TestCase):
    def setUp(self):
        for suffix in ("", "-journal"):
            if os.path.exists("shop.db" + suffix):
                os.unlink("shop.db" + suffix)
        db = sqlite3.connect("shop.db", isolation_level=None)
        db.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT NOT NULL)")
        db.execute("CREATE TABLE shipments (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL)")
        db.execute("INSERT INTO orders VALUES (1, 'pending')")
        db.close()
        self.server = shop.serve()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()

    def post(self, path):
        url = "http://127.0.0.1:%d%s" % (self.server.server_address[1], path)
        with urllib.request.urlopen(url, data=b"order=1", timeout=10) as reply:
            self.statuses.append(reply.status)

    def test_webhook_and_charge(self):
        self.statuses = []
        requests = [threading.Thread(target=self.post, args=(path,)) for path in ("/webhook", "/charge")]
        for request in requests:
            request.start()
        for request in requests:
            request.join()
        self.assertEqual(self.statuses, [200, 200])


if __name__ == "__main__":
    unittest.main()

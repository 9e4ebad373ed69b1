#!/usr/bin/env python3
"""What a team would write: starts the shop in the test's own process, creates an order, lets the webhook and the charge
response come in together, and looks whether both were answered."""
import os
import sys
import threading
import unittest
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shop


class FulfillmentTest(unittest.TestCase):
    def setUp(self):
        key = "serial" if "SHOP_URL" in os.environ else "INTEGER"
        if key == "INTEGER" and os.path.exists("shop.db"):
            os.unlink("shop.db")
        db = shop.connect()
        cursor = db.cursor()
        cursor.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT NOT NULL)")
        cursor.execute("CREATE TABLE shipments (id %s PRIMARY KEY, order_id INTEGER NOT NULL)" % key)
        cursor.execute("INSERT INTO orders VALUES (1, 'pending')")
        db.commit()
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

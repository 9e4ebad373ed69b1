#!/usr/bin/env python3
"""The shop of shop.py, served by two worker processes that accept on one socket, as preforking servers do it.

usage: prefork.py PORT      SHOP_URL names the database; FIXED in the environment mends the shop
"""
import os
import sys
from http.server import HTTPServer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shop

WORKERS = 2

if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", int(sys.argv[1])), shop.Shop)
    for _ in range(WORKERS):
        if os.fork() == 0:
            server.serve_forever()
    for _ in range(WORKERS):
        os.wait()

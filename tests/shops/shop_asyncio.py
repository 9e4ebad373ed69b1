#!/usr/bin/env python3
"""The shop on asyncio: one process and no threads, asyncpg on PostgreSQL with a connection for each request.

usage: shop_asyncio.py PORT      SHOP_URL names the database; FIXED in the environment mends it
"""
import asyncio
import json
import os
import sys

import asyncpg


async def fulfill(db):
    if os.environ.get("FIXED"):
        taken = await db.execute("UPDATE orders SET status = 'fulfilled' WHERE id = 1 AND status = 'pending'")
        if taken == "UPDATE 0":
            return False
    else:
        if await db.fetchval("SELECT status FROM orders WHERE id = 1") != "pending":
            return False
        await db.execute("UPDATE orders SET status = 'fulfilled' WHERE id = 1")
    await db.execute("INSERT INTO shipments (order_id) VALUES (1)")
    return True


async def answer(reader, writer):
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            await reader.readexactly(int(line.split(b":")[1]))
    db = await asyncpg.connect(os.environ["SHOP_URL"])
    body = json.dumps({"fulfilled": await fulfill(db)}).encode()
    await db.close()
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

"""One thread, one event loop: a shop looks whether there is something left, asks the warehouse, and sells when that has
answered. Another customer may have come in between. `fixed` looks again. asyncio_shop.py sockets|pipes|tcp [fixed]"""
import asyncio
import os
import socket
import sys

FIXED = "fixed" in sys.argv[2:]
stock = 1


class PipeEnd:
    """Reads from one pipe, writes to another."""

    def __init__(self, reads, writes):
        self.reads, self.writes = reads, writes
        os.set_blocking(reads, False)

    async def receive(self):
        loop = asyncio.get_running_loop()
        ready = loop.create_future()
        loop.add_reader(self.reads, ready.set_result, None)
        await ready
        loop.remove_reader(self.reads)
        return os.read(self.reads, 100)

    async def send(self, text):
        os.write(self.writes, text)


class SocketEnd:
    """One end of a connection. Waits before it reads, so that each message is heard of in a turn of the loop."""

    def __init__(self, end):
        self.end = end
        end.setblocking(False)

    async def receive(self):
        return await asyncio.get_running_loop().sock_recv(self.end, 100)

    async def send(self, text):
        await asyncio.get_running_loop().sock_sendall(self.end, text)


def pipe_ends():
    (left_reads, right_writes), (right_reads, left_writes) = os.pipe(), os.pipe()
    return PipeEnd(left_reads, left_writes), PipeEnd(right_reads, right_writes)


def socket_ends():
    left, right = socket.socketpair()
    return SocketEnd(left), SocketEnd(right)


def tcp_ends():
    with socket.create_server(("127.0.0.1", 0)) as server:
        left = socket.create_connection(server.getsockname())
        right, _ = server.accept()
    return SocketEnd(left), SocketEnd(right)


async def warehouse(end):
    while True:
        await end.receive()
        await end.send(b"yes")


async def shop(customer, supplier):
    """Serves one customer."""
    global stock
    while await customer.receive() != b"buy":
        await customer.send(b"hello")
    if stock > 0:
        await supplier.send(b"still there?")
        await supplier.receive()
        if not FIXED or stock > 0:
            stock -= 1
    await customer.send(b"done")


async def hurried(end):
    await end.send(b"buy")
    await end.receive()


async def polite(end):
    """Greets first: by then the other one is done, unless the warehouse takes its time."""
    for _ in range(1):
        await end.send(b"hello")
        await end.receive()
    await end.send(b"buy")
    await end.receive()


async def main(ends):
    background, customers = [], []
    for behave in hurried, polite:
        (near, far), (desk, store) = ends(), ends()
        background += [asyncio.ensure_future(warehouse(store)), asyncio.ensure_future(shop(far, desk))]
        customers.append(behave(near))
    await asyncio.gather(*customers)
    for task in background:
        task.cancel()
    await asyncio.gather(*background, return_exceptions=True)
    assert stock >= 0, "sold what was not there"


asyncio.run(main({"sockets": socket_ends, "pipes": pipe_ends, "tcp": tcp_ends}[sys.argv[1]]))

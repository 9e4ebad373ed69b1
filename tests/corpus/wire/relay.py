"""Passes bytes between a client and a server, and writes both directions down, in order, as hexadecimal lines.

    relay.py LISTEN UPSTREAM NAME    LISTEN: path of a Unix socket, or a TCP port on loopback; UPSTREAM: a path

Each connection has a file of its own: NAME.1.hex, NAME.2.hex, ... `C`: what the client sent, `S`: what the server did.
"""
import os, select, signal, socket, sys


def pair(client, server, out):
    ends = {client: (server, 'C'), server: (client, 'S')}
    while True:
        for end in select.select(list(ends), [], [])[0]:
            other, name = ends[end]
            data = end.recv(65536)
            if not data:
                return
            out.write('%s %s\n' % (name, data.hex()))
            out.flush()
            other.sendall(data)


def main():
    listen, upstream, name = sys.argv[1:4]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    if listen.isdigit():
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(('127.0.0.1', int(listen)))
    else:
        if os.path.exists(listen):
            os.unlink(listen)
        server = socket.socket(socket.AF_UNIX)
        server.bind(listen)
        os.chmod(listen, 0o777)
    server.listen(5)
    number = 0
    while True:
        client = server.accept()[0]
        number += 1
        if os.fork() == 0:
            far = socket.socket(socket.AF_UNIX)
            far.connect(upstream)
            with open('%s.%d.hex' % (name, number), 'w') as out:
                try:
                    pair(client, far, out)
                except OSError:
                    pass
            os._exit(0)
        client.close()


main()

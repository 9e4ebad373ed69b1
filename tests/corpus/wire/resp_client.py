"""Raw clients: WATCH that fails, inline commands, subscriptions in RESP2 and RESP3, client-side caching."""
import socket, time
def connect():
    s = socket.socket(socket.AF_UNIX); s.connect('sock/redis'); return s
def say(s, *lines):
    for line in lines:
        if isinstance(line, str): s.sendall(line.encode())
        else: s.sendall(b'*%d\r\n' % len(line) + b''.join(b'$%d\r\n%s\r\n' % (len(a), a.encode()) for a in map(str, line)))
    time.sleep(0.2); print(s.recv(65536))
a, b, c = connect(), connect(), connect()
say(a, ['WATCH', 'w'], ['MULTI']); say(b, 'SET w "two words"\r\n'); say(a, ['SET', 'w', 1], ['EXEC'])
say(b, 'GET w\n', 'PING\r\n', '\r\nSET k \'single\' \r\n')
say(c, ['SUBSCRIBE', 'x', 'y'], ['PSUBSCRIBE', 'n*'], ['PING']); say(a, ['PUBLISH', 'x', 'hello'], ['PUBLISH', 'news', 'p'])
time.sleep(0.2); print(c.recv(65536)); say(c, ['UNSUBSCRIBE'], ['PUNSUBSCRIBE', 'n*'], ['GET', 'w'])
say(b, ['HELLO', 3], ['CLIENT', 'TRACKING', 'ON'], ['GET', 'w'], ['SUBSCRIBE', 'x'], ['SMEMBERS', 's'], ['UNSUBSCRIBE'])
say(a, ['SET', 'w', 7]); time.sleep(0.2); print(b.recv(65536)); say(b, ['GET', 'w'], ['RESET'], ['QUIT'])
a.close(); b.close(); c.close(); time.sleep(0.3)

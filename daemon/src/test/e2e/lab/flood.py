"""Holds connections open: nothing sent on half of them, half a request on the others.

flood.py PORT SOCKET NUMBER READY: NUMBER over both listeners. One that the daemon closes is opened again, a few hundred a
second. Writes READY when the first round is done, and goes on until it is killed.
"""
import resource
import selectors
import socket
import sys
import time

port, path, number, ready = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
resource.setrlimit(resource.RLIMIT_NOFILE, (number + 200, number + 200))
HALF = b"POST /v1/hooks/claude-code HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"
poll = selectors.DefaultSelector()


def open_one(i):
    try:
        if i % 2:
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(1)
            s.connect(path)
        else:
            s = socket.create_connection(("127.0.0.1", port), timeout=1)
        if i % 4 >= 2:
            s.sendall(HALF)
        s.setblocking(False)
        poll.register(s, selectors.EVENT_READ, i)
    except OSError:
        return False
    return True


lost = []
for i in range(number):
    if not open_one(i):
        lost.append(i)
with open(ready, "w") as f:
    f.write(f"{number - len(lost)} opened\n")
while True:
    end = time.monotonic() + 1
    for key, _ in poll.select(timeout=0.2):
        try:
            data = key.fileobj.recv(4096)
        except OSError:
            data = b""
        if not data:
            poll.unregister(key.fileobj)
            key.fileobj.close()
            lost.append(key.data)
    again, lost = lost[:300], lost[300:]
    for i in again:
        if not open_one(i):
            lost.append(i)
    time.sleep(max(0, end - time.monotonic()))

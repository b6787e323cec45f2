"""What a connection pooler does that can be seen: it gives its clients process ids of its own."""

from __future__ import annotations

import socket
import struct
import threading


class Pooler:
    """Hands one session after the other through to a PostgreSQL server."""

    def __init__(self, host: str, port: int) -> None:
        self._behind = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]

    def __enter__(self) -> Pooler:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(self._behind)
            threading.Thread(target=_forward, args=(client, server), daemon=True).start()
            threading.Thread(target=_answer, args=(server, client), daemon=True).start()


def _forward(client: socket.socket, server: socket.socket) -> None:
    while data := _read(client, 65_536):
        server.sendall(data)
    server.close()


def _answer(server: socket.socket, client: socket.socket) -> None:
    """Hand answers back, message by message; the one with the process id gets another."""
    while head := _read(server, 5, whole=True):
        kind, length = struct.unpack("!cI", head)
        body = _read(server, length - 4, whole=True)
        if kind == b"K":
            process, rest = struct.unpack("!I", body[:4])[0], body[4:]
            body = struct.pack("!I", process + 1) + rest
        client.sendall(head + body)
    client.close()


def _read(source: socket.socket, count: int, *, whole: bool = False) -> bytes:
    data = b""
    while len(data) < count:
        try:
            part = source.recv(count - len(data))
        except OSError:
            return b""
        data += part
        if not part or not whole:
            break
    return data

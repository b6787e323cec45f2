"""A proxy in front of a broker that holds the end of a transaction back, to deliver it late.

Clients are told the broker's address by the broker: the proxy puts its own port in its place, which
is as long, so that no length in Kafka's protocol changes. Of a request it reads no more than its
kind, the first two bytes.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading

END_TXN = 26
HOST = "127.0.0.1"
LENGTH = struct.Struct(">i")


class Proxy:
    """Passes everything on; holds the next end of a transaction when it is asked to."""

    def __init__(self, target: int) -> None:
        """Listen on a port of the loopback interface.

        Args:
            target: the broker's port.
        """
        self._target = target
        self._hold = False
        self._held: tuple[socket.socket, bytes] | None = None
        self._answered = threading.Event()
        self._server = socket.create_server((HOST, 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        """Hold the next end back, and cut the client off that sent it."""
        self._hold = True

    def release(self) -> None:
        """Deliver the end that was held, as a network does that was slow."""
        assert self._held is not None
        broker, frame = self._held
        self._answered.clear()
        broker.sendall(frame)
        assert self._answered.wait(10)

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                broker = socket.create_connection((HOST, self._target))
                for work in (self._requests, self._answers):
                    threading.Thread(target=work, args=(client, broker), daemon=True).start()

    def _requests(self, client: socket.socket, broker: socket.socket) -> None:
        while frame := _frame(client):
            if self._hold and struct.unpack_from(">h", frame, LENGTH.size)[0] == END_TXN:
                self._hold, self._held = False, (broker, frame)
                client.shutdown(socket.SHUT_RDWR)
                return
            with contextlib.suppress(OSError):
                broker.sendall(frame)
        broker.close()

    def _answers(self, client: socket.socket, broker: socket.socket) -> None:
        theirs = HOST.encode() + LENGTH.pack(self._target)
        ours = HOST.encode() + LENGTH.pack(self.port)
        while frame := _frame(broker):
            if self._held is not None and self._held[0] is broker:
                self._answered.set()
            with contextlib.suppress(OSError):
                client.sendall(frame.replace(theirs, ours))


def _frame(connection: socket.socket) -> bytes:
    """Read one request or answer, with its length; empty at the end of the connection."""
    head = _exactly(connection, LENGTH.size)
    return head + _exactly(connection, LENGTH.unpack(head)[0]) if head else b""


def _exactly(connection: socket.socket, count: int) -> bytes:
    found = b""
    with contextlib.suppress(OSError):
        while len(found) < count:
            part = connection.recv(count - len(found))
            if not part:
                return b""
            found += part
    return found if len(found) == count else b""

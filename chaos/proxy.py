"""A proxy between engine and broker that can hold an EndTxn request back, and deliver it late.

Clients are told the broker's address by the broker: the proxy puts its own port in its place, which
is as long, so that no length in Kafka's protocol changes. It reads no more of a request than its
kind (`api_key`, the first two bytes).
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

END_TXN, PRODUCE = 26, 0
HOST = "127.0.0.1"
LENGTH = struct.Struct(">i")


@dataclass
class Held:
    """An EndTxn that is held back, and the connection to the broker that it came on."""

    broker: socket.socket
    frame: bytes


@dataclass
class Proxy:
    """Passes everything on, until `hold` is called.

    Attributes:
        target: the broker's port.
        released: how many EndTxn were delivered late.
    """

    target: int
    released: int = 0
    _writes: int = 0
    _hold: bool = False
    _held: list[Held] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Listen on a port of the loopback interface."""
        self._server = socket.create_server((HOST, 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        """Hold the next EndTxn back; the client is cut off, and will send another.

        The one held is delivered in the middle of the client's next transaction: behind the first
        records that it writes, and before the others.
        """
        with self._lock:
            self._hold = True

    @property
    def idle(self) -> bool:
        """Whether nothing is to be held, or held."""
        with self._lock:
            return not self._hold and not self._held

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
                broker = socket.create_connection((HOST, self.target))
            except OSError:
                return
            for one in (client, broker):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for work in (self._requests, self._answers):
                threading.Thread(target=work, args=(client, broker), daemon=True).start()

    def _requests(self, client: socket.socket, broker: socket.socket) -> None:
        while frame := _frame(client):
            kind = struct.unpack_from(">h", frame, 4)[0]
            if kind == END_TXN and self._takes(broker, frame):
                client.close()
                return
            if kind == PRODUCE:
                self._release()
            with contextlib.suppress(OSError):
                broker.sendall(frame)
        if not self._is_held(broker):
            broker.close()

    def _answers(self, client: socket.socket, broker: socket.socket) -> None:
        theirs = HOST.encode() + LENGTH.pack(self.target)
        ours = HOST.encode() + LENGTH.pack(self.port)
        while frame := _frame(broker):
            with contextlib.suppress(OSError):
                client.sendall(frame.replace(theirs, ours))
        with contextlib.suppress(OSError):
            client.close()

    def _takes(self, broker: socket.socket, frame: bytes) -> bool:
        with self._lock:
            if self._hold:
                self._hold = False
                self._held.append(Held(broker, frame))
                return True
            self._writes = 0
        return False

    def _is_held(self, broker: socket.socket) -> bool:
        with self._lock:
            return any(one.broker is broker for one in self._held)

    def _release(self) -> None:
        with self._lock:
            self._writes += 1
            if self._writes != 2:
                return
            held, self._held = self._held, []
        for one in held:
            # the broker has to come to it behind the first records and before the next
            time.sleep(0.1)
            with contextlib.suppress(OSError):
                one.broker.sendall(one.frame)
                self.released += 1
            time.sleep(0.3)


def _frame(connection: socket.socket) -> bytes:
    """Read one request or answer, with its length; empty at the end of the connection."""
    head = _exactly(connection, LENGTH.size)
    if len(head) < LENGTH.size:
        return b""
    body = _exactly(connection, LENGTH.unpack(head)[0])
    return head + body


def _exactly(connection: socket.socket, count: int) -> bytes:
    parts = []
    while count:
        try:
            part = connection.recv(min(count, 1 << 20))
        except OSError:
            return b""
        if not part:
            return b""
        parts.append(part)
        count -= len(part)
    return b"".join(parts)

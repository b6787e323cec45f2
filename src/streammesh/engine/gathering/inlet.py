"""One product on its way into the private log of a source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from streammesh.deployments.deployment import InputProduct
from streammesh.engine.gathering.assembly import Assembly, Group
from streammesh.engine.gathering.rows import Rows
from streammesh.platform.streams import Follower, Record

WAIT_SECONDS = 0.2


@dataclass(frozen=True)
class Taken:
    """A transaction of a product.

    Attributes:
        txid: the product's topic, and the transaction's own id or place.
        time_ms: when its source committed it, milliseconds since 1970; 0 when it doesn't say.
        rows: as the log has them.
    """

    txid: str
    time_ms: int
    rows: Sequence[bytes]


class Inlet:
    """Reads one product, whole transaction by whole transaction."""

    def __init__(self, product: InputProduct, follower: Follower, rows: Rows) -> None:
        """Begin; `go_on` or `all_rows` comes before `step`."""
        self.product = product
        self._follower, self._rows = follower, rows
        self._assembly = Assembly({})
        self._seen: list[Group] = []
        self._ends: Mapping[int, int] | None = None

    @property
    def offsets(self) -> Mapping[int, int]:
        """Where all that was given ends, by partition."""
        return self._assembly.offsets

    def can_go_on(self, offsets: Mapping[int, int]) -> bool:
        """Tell whether the topic still holds what comes behind these offsets."""
        starts, ends = self._follower.starts(), self._follower.ends()
        return starts.keys() == offsets.keys() and all(
            starts[number] <= offset <= ends[number] for number, offset in offsets.items()
        )

    def go_on(self, offsets: Mapping[int, int]) -> None:
        """Read on from these offsets."""
        self._follower.seek(offsets)
        self._assembly = Assembly(offsets)
        self._seen, self._ends = [], None

    def all_rows(self, stopped: Callable[[], bool]) -> Iterator[Sequence[bytes]]:
        """Give everything that the topic holds now, in parts; then go on behind it.

        A transaction that stood half before the end comes whole with the two steps after it.
        """
        starts, ends = self._follower.starts(), self._follower.ends()
        self._follower.seek(starts)
        at = dict(starts)
        while not stopped() and self._below(ends):
            records = self._follower.read(WAIT_SECONDS)
            at |= {one.partition: one.offset + 1 for one in records}
            if records:
                yield [self._rows.row(one) for one in records]
        self._assembly = Assembly(at)
        self._seen, self._ends = [], None

    def _below(self, ends: Mapping[int, int]) -> set[int]:
        """Give the partitions that have not been read up to these ends."""
        reached = self._follower.reached()
        return {number for number, end in ends.items() if reached.get(number, 0) < end}

    def _done(self, partitions: set[int]) -> set[int]:
        """Give those of which there is nothing more, asked anew: they count as read from here."""
        now = self._follower.ends()
        done = partitions - self._below(now)
        self._ends = {**(self._ends or {}), **{number: now[number] for number in done}}
        return done

    def settle(self, stopped: Callable[[], bool]) -> list[Taken]:
        """Read until all that was visible when it is called is whole, and give it."""
        found: list[Taken] = []
        for _ in range(2):
            self._seen, self._ends = self._assembly.seen(), self._follower.ends()
            while self._ends is not None and not stopped():
                found += self.step(WAIT_SECONDS)
        return found

    def step(self, timeout: float) -> list[Taken]:
        """Read what is there; give the transactions that are whole with it."""
        records = self._follower.read(timeout)
        self._assembly.add(records)
        if self._ends is None and self._assembly:
            self._seen, self._ends = self._assembly.seen(), self._follower.ends()
        if self._ends is None:
            return []
        unread = self._below(self._ends)
        if unread and records:
            unread -= self._done(unread)
        if unread:
            self._assembly.pass_by(self._seen, unread)
        else:
            self._assembly.settle(self._seen)
        if not unread or (self._seen and all(one.whole for one in self._seen)):
            self._seen, self._ends = [], None
        return [self._taken(one) for one in self._assembly.take()]

    def _taken(self, records: Sequence[Record]) -> Taken:
        first, last = records[0].headers, records[-1].headers
        name = _text(first, "mesh.tx") or f"{_text(first, 'mesh.position')}.{_place(records[0])}"
        time = _text(last, "mesh.time")
        rows = [self._rows.row(one) for one in records]
        txid = f"{self.product.topic}/{name}".replace(":", "_")
        return Taken(txid, int(time) if time.isdecimal() else 0, rows)

    def close(self) -> None:
        """Give back the connection."""
        self._follower.close()


def _text(headers: Mapping[str, bytes], name: str) -> str:
    return headers.get(name, b"").decode("utf-8", "replace")


def _place(record: Record) -> str:
    return _text(record.headers, "mesh.part") or f"{record.partition}-{record.offset}"

"""The simulated shop: writers that keep a database busy with the deeds of `deeds`."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

import psycopg

from streammesh.demo.deeds import WEIGHTS, Deed, GivenUp, Stock, Till, take_stock
from streammesh.demo.pace import Pace, Workload

RECONNECT_SECONDS = 0.5
COUNTED_ANEW = 200
"""After so many transactions a writer looks how many orders there are by now."""
SHOWN = 3
COLLISIONS = (psycopg.errors.DeadlockDetected, psycopg.errors.ForeignKeyViolation)

OnCommit = Callable[[Deed, float], None]


@dataclass(frozen=True)
class Tally:
    """What the shop did so far.

    Attributes:
        commits: transactions committed.
        changes: rows changed by them.
        rolled_back: transactions given up, or ended by the database in a collision.
        last: the last few deeds in words, newest first.
    """

    commits: int = 0
    changes: int = 0
    rolled_back: int = 0
    last: tuple[str, ...] = ()


class Book:
    """Where all writers enter what they did."""

    def __init__(self, on_commit: OnCommit | None) -> None:
        """Begin at nothing; `on_commit` hears of each commit."""
        self._lock = threading.Lock()
        self._tally = Tally()
        self._last: deque[str] = deque(maxlen=SHOWN)
        self._on_commit = on_commit

    def committed(self, deed: Deed) -> None:
        """Enter a commit that returned just now."""
        if self._on_commit is not None:
            self._on_commit(deed, time.time())
        with self._lock:
            now = self._tally
            self._tally = replace(now, commits=now.commits + 1, changes=now.changes + deed.changes)
            self._last.appendleft(deed.words)

    def rolled_back(self) -> None:
        """Enter a transaction that was not committed."""
        with self._lock:
            self._tally = replace(self._tally, rolled_back=self._tally.rolled_back + 1)

    def tally(self) -> Tally:
        """Add up."""
        with self._lock:
            return replace(self._tally, last=tuple(self._last))


class Writer(threading.Thread):
    """One connection to the database that does deed after deed."""

    def __init__(
        self, url: str, number: int, workload: Workload, book: Book, stopping: threading.Event
    ) -> None:
        """Prepare; `start` begins."""
        super().__init__(name=f"shop-{number}", daemon=True)
        self._url = url
        self._book = book
        self._stopping = stopping
        self._dice = Random(f"{workload.seed}/{number}")  # noqa: S311 - a game
        self._pace = Pace(workload, stopping)
        self._left = workload.share(number)

    def run(self) -> None:
        """Write until stopped or done; a database that goes away is waited for."""
        while not self._done():
            try:
                with psycopg.connect(
                    self._url, autocommit=True, application_name=self.name
                ) as connection:
                    self._serve(connection)
            except psycopg.OperationalError:
                self._stopping.wait(RECONNECT_SECONDS)

    def _done(self) -> bool:
        return self._stopping.is_set() or self._left == 0

    def _serve(self, connection: psycopg.Connection) -> None:
        turn = 0
        while not self._done():
            if turn % COUNTED_ANEW == 0:
                stock = take_stock(connection)
            turn += 1
            deed = self._transact(connection, stock)
            if deed is not None:
                self._left = None if self._left is None else self._left - 1
                self._book.committed(deed)
                self._pace.spend(deed.changes)

    def _transact(self, connection: psycopg.Connection, stock: Stock) -> Deed | None:
        """Do one transaction; None when nothing was committed."""
        (act,) = self._dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
        try:
            with connection.transaction():
                return act(Till(connection, self._dice, stock))
        except (GivenUp, *COLLISIONS):
            self._book.rolled_back()
            return None


class Shop:
    """Writers on threads of their own. Start, then stop or join."""

    def __init__(self, url: str, workload: Workload, on_commit: OnCommit | None = None) -> None:
        """Prepare the writers; nothing runs yet.

        Args:
            url: the shop's database.
            workload: how busy it is.
            on_commit: called by a writer after each commit with what it did and the time, seconds
                since 1970, at which the commit returned.
        """
        self._stopping = threading.Event()
        self._book = Book(on_commit)
        self._writers = [
            Writer(url, number, workload, self._book, self._stopping)
            for number in range(workload.writers)
        ]

    def start(self) -> None:
        """Start all writers."""
        for writer in self._writers:
            writer.start()

    def stop(self) -> Tally:
        """Ask the writers to finish their transaction, wait for them, and give the tally."""
        self._stopping.set()
        return self.join()

    def join(self) -> Tally:
        """Wait until all writers are done, and give the tally."""
        for writer in self._writers:
            writer.join()
        return self.tally()

    @property
    def busy(self) -> bool:
        """Whether any writer still writes."""
        return any(writer.is_alive() for writer in self._writers)

    def tally(self) -> Tally:
        """Give what was done so far."""
        return self._book.tally()

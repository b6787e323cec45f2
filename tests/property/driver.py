"""Runs what sessions do, and notes what the database itself computes after every commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.property.deeds import Step
from tests.property.server import Server

Documents = dict[str, dict[str, Any]]
"""For each product's topic, canonical documents by their keys (JSON)."""

TWICE = "several SELECTs of a UNION ALL give a document of this key"
"""Stands for the documents of such a key; what consumers had of it before stays as it is."""


@dataclass(frozen=True)
class Committed:
    """A committed transaction and what the database computes after it."""

    txid: int
    expected: Documents


@dataclass
class History:
    """What was done, and what there was after each commit.

    Attributes:
        start: the documents before the first transaction.
        commits: in order.
        again: how many commits there were when everything was read anew; None if it never was.
        again_lsn: the position of that.
        after: what the documents are after it; None if they are as before.
        lost: transactions before it that never came to the log.
        script: everything that was run, as SQL that can be run again; what failed, as comments.
    """

    start: Documents
    commits: list[Committed] = field(default_factory=list)
    again: int | None = None
    again_lsn: int = 1 << 63
    after: Documents | None = None
    lost: frozenset[int] = frozenset()
    script: list[str] = field(default_factory=list)

    def begin_here(self, start: Documents) -> None:
        """Note that all that was done so far is in the first snapshot."""
        self.start = start
        self.commits.clear()
        self.script.append("-- The snapshot is complete here.")

    def begin_again(self, lost: frozenset[int], lsn: int) -> None:
        """Note that everything is read anew now."""
        self.again, self.again_lsn = len(self.commits), lsn
        txids = [one.txid for one in self.commits]
        first = next((at for at, txid in enumerate(txids) if txid in lost), len(txids))
        # one that has changed nothing comes to no log, but stands behind what was lost
        self.lost = frozenset(txids[first:])


class Driver:
    """Runs steps; whatever the database refuses is undone, as by an application that copes."""

    def __init__(self, server: Server, expected: Callable[[], Documents]) -> None:
        """Keep the sessions, and what asks for the documents."""
        self._server = server
        self._expected = expected
        self._open = [False] * len(server.writers)
        self._saved = [False] * len(server.writers)
        self._alone: int | None = None
        self.history = History({})

    def begin(self, rows: Iterable[str]) -> None:
        """Put rows in, each on its own."""
        script = self.history.script
        for statement in rows:
            try:
                self._server.writers[0].execute(statement)
                script.append(f"{statement};")
            except psycopg.Error as error:
                script.append(_refused(statement, error))
        self.history.start = self._expected()

    def now(self) -> Documents:
        """Give the documents as the database has them now."""
        return self._expected()

    def run(self, steps: Iterable[Step]) -> None:
        """Run steps, and commit what is open in the end."""
        for step in steps:
            for statement in step.statements:
                self._run(step.writer, statement)
        for writer, is_open in enumerate(self._open):
            if is_open:
                self._end(writer, "COMMIT")

    def _run(self, writer: int, statement: str) -> None:
        if self._alone not in (None, writer):
            return
        if statement.startswith("TRUNCATE"):
            if any(one for index, one in enumerate(self._open) if index != writer):
                return
            # nobody, we neither, could read the table until it ends: the others have to wait
            self._alone = writer
        if statement in ("COMMIT", "ROLLBACK"):
            if self._open[writer]:
                self._end(writer, statement)
        elif statement == "ROLLBACK TO one":
            if self._saved[writer]:
                self._note(writer, statement)
                self._server.writers[writer].execute(statement)
        elif statement == "SAVEPOINT one":
            self._begin(writer)
            self._saved[writer] = True
            self._note(writer, statement)
            self._server.writers[writer].execute(statement)
        else:
            self._begin(writer)
            self._guarded(writer, statement)

    def _begin(self, writer: int) -> None:
        if not self._open[writer]:
            self._open[writer] = True
            self._note(writer, "BEGIN")
            self._server.writers[writer].execute("BEGIN")

    def _guarded(self, writer: int, statement: str) -> None:
        session = self._server.writers[writer]
        try:
            session.execute(f"SAVEPOINT guard; {statement}; RELEASE guard")
            self._note(writer, statement)
        except psycopg.Error as error:
            session.execute("ROLLBACK TO guard")
            self.history.script.append(_refused(statement, error))

    def _end(self, writer: int, how: str) -> None:
        session = self._server.writers[writer]
        self._open[writer] = self._saved[writer] = False
        self._alone = None
        row = session.execute("SELECT pg_current_xact_id_if_assigned()::text").fetchone()
        txid = int(row[0]) % 2**32 if row and row[0] else None
        try:
            session.execute(how)
        except psycopg.Error as error:
            session.execute("ROLLBACK")
            self._note(writer, f"ROLLBACK -- COMMIT was refused: {_first_line(error)}")
            return
        label = f" -- transaction {len(self.history.commits) + 1}" if how == "COMMIT" else ""
        self._note(writer, f"{how}", label)
        if how == "COMMIT" and txid is not None:
            self.history.commits.append(Committed(txid, self._expected()))

    def _note(self, writer: int, statement: str, comment: str = "") -> None:
        session = f"/* session {writer + 1} */ " if writer else ""
        self.history.script.append(f"{session}{statement};{comment}")


def _refused(statement: str, error: psycopg.Error) -> str:
    return f"-- refused ({_first_line(error)}): {statement}"


def _first_line(error: psycopg.Error) -> str:
    return str(error).partition("\n")[0]

"""Where the SQL of policies runs: a database in memory that holds the views and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import apsw

from streammesh.policies.fences import (
    FAILURES,
    LIMITS,
    MAX_ANSWER,
    MAX_ROWS,
    MAX_TEXT,
    SETTINGS,
    STEPS,
    Asked,
    Authorizer,
    Limits,
    Refused,
    pages_read,
    refusal,
)
from streammesh.policies.view import View


@dataclass(frozen=True)
class Prepared:
    """A query that may run.

    Attributes:
        sql: as written.
        columns: of its rows.
        views: that it reads.
    """

    sql: str
    columns: tuple[str, ...]
    views: frozenset[str]


class Sandbox:
    """The views, and the queries over them."""

    def __init__(self, views: Mapping[str, View]) -> None:
        """Make the views, without rows."""
        self._db = apsw.Connection(":memory:", flags=apsw.SQLITE_OPEN_READWRITE)
        for setting, value in SETTINGS.items():
            self._db.config(setting, value)
        self._db.execute("PRAGMA temp_store = MEMORY")
        for one in views.values():
            self._db.execute(one.create)
        self._views = views
        self._roots = dict(self._db.execute("SELECT rootpage, tbl_name FROM sqlite_schema"))
        for limit, most in LIMITS.items():
            self._db.limit(limit, most)

    def close(self) -> None:
        """Give back the memory."""
        self._db.close()

    def fill(self, view: str, rows: Iterable[Sequence[Any]]) -> None:
        """Put rows into a view."""
        places = ", ".join("?" * len(self._views[view].columns))
        self._db.limit(apsw.SQLITE_LIMIT_VARIABLE_NUMBER, 100)
        try:
            with self._db:
                sql = f'INSERT INTO "{view}" VALUES ({places})'
                self._db.executemany(sql, map(_short, rows))
        finally:
            self._db.limit(apsw.SQLITE_LIMIT_VARIABLE_NUMBER, 0)

    def prepare(self, sql: str) -> Prepared:
        """Read a query, without running it.

        Raises:
            Refused: it is none, or no single SELECT over the views.
        """
        if "\0" in sql:
            raise Refused("a NUL stands in it", sql.index("\0"))
        asked = Asked()
        program = self._program(sql, asked)
        if asked.statements == 0:
            raise Refused("there is no SELECT")
        if asked.statements > 1:
            raise Refused("there is more than one statement")
        pages = pages_read(program, self._roots)
        if not asked.columns:
            raise Refused("it is no SELECT")
        return Prepared(sql, asked.columns, frozenset(self._roots[one] for one in pages))

    def run(self, query: Prepared) -> tuple[tuple[Any, ...], ...]:
        """Give the rows of a query.

        Raises:
            Refused: it failed, or went over a limit.
        """
        over = Limits()
        self._db.set_progress_handler(over.reached, STEPS)
        self._db.authorizer = Authorizer(self._views, Asked())
        rows: list[tuple[Any, ...]] = []
        size = 0
        try:
            for row in self._db.execute(query.sql, can_cache=False, explain=0):
                rows.append(row)
                size += sum(len(one) for one in row if isinstance(one, str | bytes))
                if len(rows) > MAX_ROWS:
                    raise Refused(f"it gives more than {MAX_ROWS:,} rows")
                if size > MAX_ANSWER:
                    raise Refused(f"it gives more than {MAX_ANSWER // 1_000_000} MB")
        except FAILURES as error:
            raise over.refusal() or refusal(error, query.sql) from None
        finally:
            self._free()
        return tuple(rows)

    def _program(self, sql: str, asked: Asked) -> list[tuple[Any, ...]]:
        """Give what SQLite's machine would do; nothing of it is done."""

        def count(cursor: apsw.Cursor, *_: object) -> bool:
            if cursor.has_vdbe:
                asked.statements += 1
            return asked.statements < 2

        over = Limits()
        self._db.set_progress_handler(over.reached, STEPS)
        self._db.authorizer = Authorizer(self._views, asked)
        self._db.exec_trace = count
        try:
            program = self._db.execute(sql, can_cache=False, explain=1).fetchall()
            if asked.statements == 1 and not asked.refused:
                asked.columns = self._columns(sql)  # after all of it is allowed
        except apsw.ExecTraceAbort:
            program = []
        except FAILURES as error:
            refused = Refused(asked.refused) if asked.refused else over.refusal()
            raise refused or refusal(error, sql) from None
        finally:
            self._free()
        return program

    def _columns(self, sql: str) -> tuple[str, ...]:
        """Give the names of a query's columns, none of what writes; it is never begun."""
        found: list[str] = []

        def stop(cursor: apsw.Cursor, *_: object) -> bool:
            found.extend(one[0] for one in cursor.get_description() if cursor.is_readonly)
            return False

        self._db.exec_trace = stop
        with suppress(apsw.ExecTraceAbort):
            self._db.execute(sql, can_cache=False, explain=0)
        return tuple(found)

    def _free(self) -> None:
        self._db.authorizer = None
        self._db.exec_trace = None
        self._db.set_progress_handler(None)


def _short(row: Sequence[Any]) -> tuple[Any, ...]:
    """Give a row whose texts have no space around them, and are not very long."""
    return tuple(
        [one.strip()[:MAX_TEXT] if type(one) is str else one for one in row]  # a list is faster
    )

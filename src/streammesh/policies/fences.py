"""What holds the SQL of policies: what it may read and call, and how much of everything.

Whatever an author writes is read by SQLite before it runs, and refused unless it is one SELECT that
reads the views and calls functions of a list (docs/decisions/0027-the-policies-sandbox.md). While
it runs, time, memory, rows and the length of every value have limits.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import apsw

from streammesh.policies.view import View

SECONDS = 2.0
"""How long a query may take."""

MAX_ROWS = 10_000
"""How many rows it may give."""

MAX_ANSWER = 10_000_000
"""How many characters all its rows may have together."""

MAX_MEMORY = 64_000_000
"""How many bytes SQLite may take for it, beside the views."""

MAX_LENGTH = 100_000
"""How many bytes any value of it may have, on the way too."""

MAX_TEXT = 1_000
"""How many characters of a text the views hold."""

FUNCTIONS = frozenset(
    {
        *("abs", "avg", "ceil", "ceiling", "coalesce", "concat", "concat_ws", "count"),
        *("cume_dist", "date", "datetime", "dense_rank", "first_value", "floor", "glob"),
        *("group_concat", "if", "ifnull", "iif", "instr", "julianday", "lag", "last_value"),
        *("lead", "length", "like", "lower", "max", "median", "min", "mod", "nth_value"),
        *("ntile", "nullif", "percent_rank", "rank", "replace", "round", "row_number", "sign"),
        *("string_agg", "strftime", "substr", "substring", "sum", "total", "trunc", "typeof"),
        *("unicode", "unixepoch", "upper"),
    }
)
"""What a query may call; none of these reads or writes anything, or makes much of little."""

LIMITS = {
    apsw.SQLITE_LIMIT_LENGTH: MAX_LENGTH,
    apsw.SQLITE_LIMIT_SQL_LENGTH: 20_000,
    apsw.SQLITE_LIMIT_COLUMN: 100,
    apsw.SQLITE_LIMIT_EXPR_DEPTH: 100,
    apsw.SQLITE_LIMIT_PARSER_DEPTH: 500,
    apsw.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    apsw.SQLITE_LIMIT_VDBE_OP: 50_000,
    apsw.SQLITE_LIMIT_FUNCTION_ARG: 20,
    apsw.SQLITE_LIMIT_ATTACHED: 0,
    apsw.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    apsw.SQLITE_LIMIT_VARIABLE_NUMBER: 0,
    apsw.SQLITE_LIMIT_WORKER_THREADS: 0,
}
"""SQLite's own limits."""

SETTINGS = {
    apsw.SQLITE_DBCONFIG_DEFENSIVE: 1,
    apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA: 0,
    apsw.SQLITE_DBCONFIG_DQS_DML: 0,
    apsw.SQLITE_DBCONFIG_DQS_DDL: 0,
    apsw.SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE: 0,
    apsw.SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE: 0,
    apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER: 0,
    apsw.SQLITE_DBCONFIG_ENABLE_VIEW: 0,
    apsw.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION: 0,
    apsw.SQLITE_DBCONFIG_WRITABLE_SCHEMA: 0,
}
"""What may be set of a connection, as safe as it can be."""

STEPS = 500
"""After so many instructions of SQLite's machine time and memory are looked at."""


class Refused(Exception):
    """A query that can't be answered."""

    def __init__(self, reason: str, offset: int | None = None) -> None:
        """Say why.

        Args:
            reason: in words.
            offset: where in the query, in characters; None when it isn't known.
        """
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


@dataclass
class Asked:
    """What SQLite asked about a query that it reads."""

    refused: str = ""
    statements: int = 0
    columns: tuple[str, ...] = ()


_BEGIN = "Transaction"
_NEVER = frozenset(
    {
        *("AutoCommit", "Savepoint", "Checkpoint", "JournalMode", "OpenWrite", "CreateBtree"),
        *("ParseSchema", "LoadAnalysis", "SetCookie", "ReadCookie", "SqlExec", "Destroy"),
        *("Clear", "DropTable", "DropIndex", "DropTrigger", "IncrVacuum", "Expire", "Program"),
        *("CursorLock", "TableLock", "Pagecount", "MaxPgcnt"),
    }
)
"""Instructions of SQLite's machine that no query over the views needs; so are all that begin with
V: virtual tables, VACUUM, and variables that nothing is bound to."""


def pages_read(program: Iterable[tuple[Any, ...]], known: Mapping[int, str]) -> frozenset[int]:
    """Give the roots of the tables that a program of SQLite's machine reads.

    Args:
        program: rows of EXPLAIN.
        known: the views by their roots.

    Raises:
        Refused: it would do anything else than read the views.
    """
    pages = set()
    for _, opcode, first, second, third, *_ in program:
        if opcode in ("OpenRead", "ReopenIdx"):
            if third != 0 or second not in known:
                raise Refused("it reads something else than the views")
            pages.add(second)
        elif opcode in _NEVER or opcode.startswith("V") or (opcode == _BEGIN and second):
            raise Refused(f"it would do something else than read the views ({opcode} {first})")
    return frozenset(pages)


class Authorizer:
    """Says yes to reading the views and to the functions of the list, and no to all else."""

    def __init__(self, views: Mapping[str, View], asked: Asked) -> None:
        """Take the views, and what is told of what it says no to."""
        self._columns = {name: {one.name for one in view.columns} for name, view in views.items()}
        self._asked = asked

    def __call__(
        self, action: int, first: str | None, second: str | None, database: str | None, _: object
    ) -> int:
        """Answer SQLite: an action, and what it is about."""
        if action in (apsw.SQLITE_SELECT, apsw.SQLITE_RECURSIVE):
            return apsw.SQLITE_OK
        if action == apsw.SQLITE_FUNCTION:
            return self._said(str(second).lower() in FUNCTIONS, f"it calls {second}()")
        if action == apsw.SQLITE_READ:
            return self._said(self._readable(first, second, database), f"it reads {first}")
        name = apsw.mapping_authorizer_function.get(action, "SQLITE_OTHER")
        words = str(name).removeprefix("SQLITE_").replace("_", " ")
        return self._said(yes=False, reason=f"it wants {words}")

    def _readable(self, table: str | None, column: str | None, database: str | None) -> bool:
        """Tell whether a column may be read; an empty one is also asked of a WITH by its name.

        What it means in truth, the program shows.
        """
        if not column:
            return True
        known = self._columns.get(str(table).lower())
        return database == "main" and known is not None and column.lower() in {*known, "rowid"}

    def _said(self, yes: bool, reason: str) -> int:
        if yes:
            return apsw.SQLITE_OK
        self._asked.refused = self._asked.refused or reason
        return apsw.SQLITE_DENY


class Limits:
    """The limits of one run."""

    def __init__(self) -> None:
        """Begin now."""
        self._until = time.monotonic() + SECONDS
        self._memory = apsw.memory_used() + MAX_MEMORY
        self._why = ""

    def reached(self) -> bool:
        """Tell whether a query has to end."""
        if time.monotonic() > self._until:
            self._why = f"it takes longer than {SECONDS:.0f} s"
        elif apsw.memory_used() > self._memory:
            self._why = f"it takes more than {MAX_MEMORY // 1_000_000} MB of memory"
        return bool(self._why)

    def refusal(self) -> Refused | None:
        """Say which limit ended a query; None when none did."""
        return Refused(self._why) if self._why else None


FAILURES = (apsw.Error, MemoryError, UnicodeError)
"""What APSW raises of a query."""


def refusal(error: Exception, sql: str) -> Refused:
    """Say what SQLite found wrong."""
    if isinstance(error, MemoryError | apsw.NoMemError):
        return Refused(f"it takes more than {MAX_MEMORY // 1_000_000} MB of memory")
    if isinstance(error, UnicodeError):
        return Refused("it has or makes a text that is no UTF-8")
    if isinstance(error, apsw.TooBigError):
        return Refused(f"it is too large, or makes a value of more than {MAX_LENGTH:,} bytes")
    if isinstance(error, apsw.BindingsError):
        return Refused("it has a variable, and nothing is bound to it")
    at = getattr(error, "error_offset", -1)
    offset = len(sql.encode()[:at].decode(errors="ignore")) if at >= 0 else None
    return Refused(str(error), offset)

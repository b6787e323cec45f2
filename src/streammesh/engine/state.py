"""The engine's state: every captured table of a source, and what was last published.

One SQLite file. It is never the truth: Kafka's progress record is, and a state that is behind,
ahead or damaged is brought in line with it (`recovery`). Why SQLite:
docs/decisions/0001-where-the-state-lives.md.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import apsw
import apsw.sqlite_extra

from streammesh.contracts.types import Integer
from streammesh.deployments.deployment import ProductDeployment, SourceDeployment
from streammesh.deployments.forms import form
from streammesh.deployments.progress import Progress, decode, encode
from streammesh.documents.values import TableName
from streammesh.engine import faults, pages
from streammesh.engine.rows import Key, Row, TableChanges
from streammesh.errors.engine import StateFailed, StateInUse
from streammesh.models import functions
from streammesh.models.storage import column_ddl, indexes, quote, table_name
from streammesh.models.tables import Table

FORMAT = "3"
LOCK_WAIT_MS = 30_000
"""How long to wait for a fenced engine on the same machine to let go of the file."""

ANALYSED_ROWS = 1_000
"""Rows of an index that are looked at to know how its values are spread."""

CACHE_KIB = 256 * 1024
NEXT = "next "
"""Before the names of tables that are being filled by a snapshot."""

CHECKPOINT_PAGES = 20_000
"""Pages that may wait in the write-ahead log before they go into the file itself."""


class StateDamaged(Exception):
    """The file is no state, or not a whole one; it has to be rebuilt."""


def signature(tables: Sequence[Table]) -> frozenset[tuple[str, str]]:
    """Give the forms of tables: where they are the same, a session can go on."""
    return frozenset((str(one.name), form(one)) for one in tables)


class State:
    """An open state file. All methods work within one transaction (`begin` … `commit`)."""

    def __init__(self, path: Path, source: SourceDeployment) -> None:
        """Open or create the state of a source.

        Args:
            path: the file; its folder is created, readable by the owner only.
            source: what is captured.

        Raises:
            StateInUse: another process holds it.
            StateDamaged: it can't be used; `remove` it.
        """
        self.path = path
        self.source = source
        self.name = f"{source.domain}.{source.source}"
        self.tables: dict[TableName, Table] = {table.name: table for table in source.tables}
        self._told = _Told(self.name, path)
        with self._told:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.db = pages.connect(str(path))
            try:
                self._configure()
            except BaseException:
                self.db.close()
                raise

    def _configure(self) -> None:
        self.db.set_busy_timeout(LOCK_WAIT_MS)
        # held until the process ends, so that two engines never share a file
        self.db.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("BEGIN IMMEDIATE; COMMIT")
        except apsw.BusyError as error:
            raise StateInUse(source=self.name, why=f"file {self.path}") from error
        # a power cut may lose the last transactions, never the file: progress tells what to redo
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self.db.execute("PRAGMA temp_store = MEMORY")
        self.db.set_wal_hook(self._checkpoint)
        functions.register(self.db)
        self.db.execute("CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value)")
        if not pages.have_sums(self.db):
            raise StateDamaged("its pages have no sums")
        if self._meta("clean") == 0 and self._scalar("PRAGMA quick_check") != "ok":
            raise StateDamaged("the file fails its check")
        if self._meta("format") not in {None, FORMAT}:
            raise StateDamaged("it was made by another version")
        self._set_meta("format", FORMAT)
        self._fit_tables()
        self._set_meta("clean", 0)

    def _fit_tables(self) -> None:
        """Make tables that are deployed in another form than they had anew; they are read again."""
        kept = "SELECT substr(name, 6), value FROM meta WHERE name LIKE 'form %'"
        before: dict[str, str] = {str(name): str(its) for name, its in self.db.execute(kept)}
        now = {str(name): form(table) for name, table in self.tables.items()}
        self.db.execute("BEGIN IMMEDIATE")
        for old, its in before.items():
            if now.get(old) != its:
                self.db.execute(f"DROP TABLE IF EXISTS {quote(old)}")
                self.db.execute(f"DROP TABLE IF EXISTS {quote(NEXT + old)}")
                self.db.execute("DELETE FROM meta WHERE name = ?", (f"form {old}",))
        for name, table in self.tables.items():
            if before.get(str(name)) != now[str(name)]:
                self.db.execute(f"DROP TABLE IF EXISTS {table_name(name)}")
                self.db.execute(_create(table, table_name(name)))
                self._set_meta(f"form {name}", now[str(name)])
                self._set_meta(f"unfilled {name}", 1)
        self.db.execute("COMMIT")

    @property
    def unfilled(self) -> frozenset[TableName]:
        """The tables that were made anew with the file, or since, and hold nothing of use yet."""
        rows = self.rows("SELECT substr(name, 10) FROM meta WHERE name LIKE 'unfilled %'")
        found = {name for (name,) in rows}
        return frozenset(name for name in self.tables if str(name) in found)

    @staticmethod
    def remove(path: Path) -> None:
        """Delete a state file and what belongs to it."""
        try:
            for suffix in ("", "-wal", "-shm", "-journal"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
        except OSError as error:
            raise _failed(path.stem, path, error) from error

    def close(self, *, clean: bool = True) -> None:
        """Close the file; `clean` says that nothing was interrupted."""
        if clean and not self.db.in_transaction:
            self._set_meta("clean", 1)
        with contextlib.suppress(apsw.Error):
            self.db.close()

    def begin(self) -> None:
        """Begin a transaction of the state."""
        self.execute("BEGIN IMMEDIATE")

    def commit(self, progress: Progress | None) -> None:
        """Keep everything since `begin`, as the state that belongs to `progress`."""
        with self._told:
            self._set_meta("progress", None if progress is None else encode(progress))
            self.db.execute("COMMIT")

    def _checkpoint(self, db: apsw.Connection, name: str, pages: int) -> int:
        """Bring the write-ahead log into the file, after a commit, when there is enough in it."""
        if pages >= CHECKPOINT_PAGES:
            faults.reached("before-checkpoint")
            # what can't be written now stays in the write-ahead log
            with contextlib.suppress(apsw.FullError, apsw.IOError, apsw.BusyError):
                db.wal_checkpoint(name)
            faults.reached("after-checkpoint")
        return apsw.SQLITE_OK

    def rollback(self) -> None:
        """Drop everything since `begin`."""
        if self.db.in_transaction:
            with contextlib.suppress(apsw.Error):
                self.db.execute("ROLLBACK")

    def progress(self) -> Progress | None:
        """Give the progress that the state belongs to; None for a state without a snapshot.

        Raises:
            StateDamaged: what stands there is no progress.
        """
        value = self._meta("progress")
        if value is None:
            return None
        try:
            return decode(value)
        except (ValueError, TypeError) as error:
            raise StateDamaged(str(error)) from error

    def execute(self, sql: str, bindings: Sequence[Any] | Mapping[str, Any] = ()) -> apsw.Cursor:
        """Run a statement."""
        with self._told:
            return self.db.execute(sql, bindings)

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
        """Run a query; give all its rows."""
        with self._told:
            found: list[Any] = self.db.execute(sql, bindings).fetchall()
        return found

    def executemany(self, sql: str, rows: Any) -> None:
        """Run a statement once for each row of bindings."""
        with self._told:
            self.db.executemany(sql, rows)

    def _scalar(self, sql: str, bindings: Sequence[Any] = ()) -> Any:
        with self._told:
            return self.db.execute(sql, bindings).get

    def _meta(self, name: str) -> Any:
        return self._scalar("SELECT value FROM meta WHERE name = ?", (name,))

    def _set_meta(self, name: str, value: Any) -> None:
        with self._told:
            self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    # --- the source's tables

    def create_tables(self, prefix: str = "", names: Collection[TableName] | None = None) -> None:
        """Create empty tables for a snapshot; `prefix` keeps them apart until it is complete.

        Args:
            prefix: before their names.
            names: which ones; all when it is not given.
        """
        for table in (self.tables[name] for name in (self.tables if names is None else names)):
            self.execute(f"DROP TABLE IF EXISTS {_prefixed(prefix, table.name)}")
            self.execute(_create(table, _prefixed(prefix, table.name)))

    def load(self, table: Table, rows: Sequence[Row], prefix: str = "") -> None:
        """Put rows into a table, each in place of the one with its key."""
        marks = ", ".join("?" * len(table.columns))
        name = _prefixed(prefix, table.name)
        self.executemany(f"INSERT OR REPLACE INTO {name} VALUES ({marks})", rows)

    def adopt_tables(self, prefix: str, names: Collection[TableName] | None = None) -> None:
        """Put the tables made with `prefix` in place of the present ones."""
        for name in self.tables if names is None else names:
            self.execute(f"DROP TABLE IF EXISTS {table_name(name)}")
            new, old = _prefixed(prefix, name), table_name(name)
            self.execute(f"ALTER TABLE {new} RENAME TO {old}")
            self.execute("DELETE FROM meta WHERE name = ?", (f"unfilled {name}",))

    def apply(self, changes: TableChanges) -> None:
        """Apply changes of a table, in their order."""
        newest = dict(zip(changes.keys, changes.rows, strict=True))
        gone = [key for key, row in newest.items() if row is None]
        table = changes.table
        self.load(table, [row for row in newest.values() if row is not None])
        if gone:
            where = " AND ".join(f"{quote(name)} = ?" for name in table.primary_key)
            self.executemany(f"DELETE FROM {table_name(table.name)} WHERE {where}", gone)

    def truncate(self, table: TableName) -> None:
        """Remove all rows of a table."""
        self.execute(f"DELETE FROM {table_name(table)}")

    def row(self, table: Table, key: Key) -> Row | None:
        """Give the row with that primary key."""
        where = " AND ".join(f"{quote(name)} = ?" for name in table.primary_key)
        cursor = self.execute(f"SELECT * FROM {table_name(table.name)} WHERE {where}", key)
        found: Row | None = cursor.fetchone()
        return found

    def create_indexes(self, products: Sequence[ProductDeployment]) -> None:
        """Create the indexes that the products' models need, where they are not there yet."""
        wanted = {index for product in products for index in indexes(product.model)}
        there = {name for (name,) in self.rows("SELECT name FROM sqlite_schema")}
        created = False
        for table, columns in sorted(wanted, key=str):
            name = f"{table} by {', '.join(columns)}"
            if columns == self.tables[table].primary_key or name in there:
                continue
            listed = ", ".join(map(quote, columns))
            self.execute(f"CREATE INDEX {quote(name)} ON {table_name(table)} ({listed})")
            created = True
        if created:
            # a sample tells enough, and takes as long for a large table as for a small one
            self.execute(f"PRAGMA analysis_limit = {ANALYSED_ROWS}; ANALYZE main")

    # --- what was last published

    def create_mirror(self, topic: str) -> None:
        """Create the mirror of a product topic: key bytes → digest of the value bytes."""
        self.execute(
            f"CREATE TABLE IF NOT EXISTS {_mirror(topic)}"
            " (key BLOB PRIMARY KEY, digest BLOB, pass INTEGER) WITHOUT ROWID"
        )

    def empty_mirror(self, topic: str) -> None:
        """Forget what was published on a topic, to read it anew."""
        self.create_mirror(topic)
        self.execute(f"DELETE FROM {_mirror(topic)}")

    def drop_mirror(self, topic: str) -> None:
        """Forget what was published on a topic, and all that is known about it."""
        self.execute(f"DROP TABLE IF EXISTS {_mirror(topic)}")
        for what in ("quarantined", "distinct", "waiting"):
            self.execute(f"DROP TABLE IF EXISTS {quote(f'{what} {topic}')}")

    def published(self, topic: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Give the digests last published for those of the keys that have an event."""
        return self._look_up(_mirror(topic), keys)

    def _look_up(self, table: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        if not keys:
            return {}
        # CROSS JOIN keeps the order: each key is looked up, the table is never walked
        sql = f"SELECT key, digest FROM carray(?) AS k CROSS JOIN {table} ON key = k.value"
        bound = apsw.carray(tuple(keys), flags=apsw.SQLITE_CARRAY_BLOB)
        return dict(self.rows(sql, (bound,)))

    def set_published(self, topic: str, rows: Sequence[tuple[bytes, bytes, int]]) -> None:
        """Note what is published now: key, digest, number of the pass."""
        self.executemany(f"INSERT OR REPLACE INTO {_mirror(topic)} VALUES (?, ?, ?)", rows)

    def remove_published(self, topic: str, keys: Sequence[bytes]) -> None:
        """Note that these keys have no document any more."""
        rows = [(key,) for key in keys]
        self.executemany(f"DELETE FROM {_mirror(topic)} WHERE key = ?", rows)

    def newest(self, topic: str) -> bytes | None:
        """Give the position of the newest event published on a topic, as its header has it."""
        found: bytes | None = self._meta(f"newest {topic}")
        return found

    def set_newest(self, topic: str, position: bytes | None) -> None:
        """Note the position of the newest event published on a topic."""
        self._set_meta(f"newest {topic}", position)

    def count_published(self, topic: str) -> int:
        """Give how many keys of a product have a document on its topic."""
        return int(self._scalar(f"SELECT count(*) FROM {_mirror(topic)}"))

    def left_over(self, topic: str, number: int, limit: int) -> list[bytes]:
        """Give keys that were published but not seen in the pass with that number."""
        sql = f"SELECT key FROM {_mirror(topic)} WHERE pass < ? ORDER BY key LIMIT ?"
        return [key for (key,) in self.execute(sql, (number, limit))]

    def pass_number(self, topic: str, *, advance: bool) -> int:
        """Give the number of the present pass over all documents of a product."""
        name = f"pass {topic}"
        number = int(self._meta(name) or 0)
        if advance:
            number += 1
            self._set_meta(name, number)
        return number


_UNWRITABLE = (apsw.FullError, apsw.IOError, apsw.CantOpenError, apsw.ReadOnlyError)


class _Told:
    """Says what SQLite's errors mean. Around every statement: as a generator it would cost more."""

    def __init__(self, source: str, path: Path) -> None:
        self._source, self._path = source, path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (apsw.CorruptError, apsw.NotADBError)) or pages.damaged(error):
            raise StateDamaged(str(error)) from error
        if isinstance(error, apsw.sqlite_extra.NotAvailable):
            cure = "install apsw as its wheel from the package index, not from its source"
            raise StateFailed(source=self._source, why=str(error), fix=cure) from error
        if isinstance(error, (*_UNWRITABLE, OSError)):
            raise _failed(self._source, self._path, error) from error


def _failed(source: str, path: Path, error: Exception) -> StateFailed:
    """Say what to do about a file that can't be written."""
    said = error.strerror if isinstance(error, OSError) else error
    full = isinstance(error, apsw.FullError | apsw.IOError)
    cure = "free disk space" if full else f"let this user write {path.parent} and what is in it"
    return StateFailed(source=source, why=f"{path}: {said}", fix=f"{cure}, then run again")


def _prefixed(prefix: str, table: TableName) -> str:
    return quote(f"{prefix}{table}")


def _mirror(topic: str) -> str:
    return quote(f"published {topic}")


def _create(table: Table, name: str) -> str:
    columns = ", ".join(f"{quote(c.name)} {column_ddl(c.type)}" for c in table.columns)
    key = ", ".join(map(quote, table.primary_key))
    return f"CREATE TABLE {name} ({columns}, PRIMARY KEY ({key})) {_rowid(table)}"


def _rowid(table: Table) -> str:
    # a single integer key is SQLite's own row number, the fastest look-up there is; a decimal may
    # be NaN, which is none
    first = table.column(table.primary_key[0])
    whole = first is not None and isinstance(first.type, Integer)
    return "" if len(table.primary_key) == 1 and whole else "WITHOUT ROWID"

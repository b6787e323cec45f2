"""From the log's JSON to rows in state form, table by table and in bulk."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from streammesh.documents.values import TableName
from streammesh.engine.deferred import Change, settled
from streammesh.engine.log import Envelope
from streammesh.engine.unchanged import Unchanged, unavailable, unknown
from streammesh.errors.engine import TableChanged, ValueNotUnderstood
from streammesh.models.incoming import Normaliser, json_kind, normaliser
from streammesh.models.tables import Table

Row = tuple[Any, ...]
Key = tuple[Any, ...]

_NOTHING = msgspec.Raw(b"null")


class _Part:
    """Decodes one JSON object to a tuple of some of its columns, in state form.

    Others are passed over: no model reads a column that was added since the table was deployed.
    """

    def __init__(self, source: str, table: Table, columns: Sequence[str]) -> None:
        self._source = source
        self._table = table
        self._columns = tuple(columns)
        struct = msgspec.defstruct(
            "Row",
            [self._field(f"c{i}", name) for i, name in enumerate(columns)],
            rename={f"c{i}": name for i, name in enumerate(columns)},
            kw_only=True,
            gc=False,
        )
        self._decoder: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(list[struct])  # type: ignore[valid-type]
        self._normalisers = {snapshot: list(self._all(snapshot)) for snapshot in (False, True)}

    def _unread(self, name: str) -> bool:
        """Tell whether no model can read a column, and no row is known by it."""
        column = self._table.column(name)
        return column is not None and column.type is None and name not in self._table.primary_key

    def _field(self, field_name: str, name: str) -> tuple[Any, ...]:
        if self._unread(name):
            # whatever it holds; Debezium leaves columns of some types out
            return (field_name, msgspec.Raw, _NOTHING)
        column = self._table.column(name)
        if column is None:
            return (field_name, json_kind(None))
        return (field_name, json_kind(column.type, column.stored_type))

    def _all(self, snapshot: bool) -> Iterator[tuple[int, Normaliser | None]]:
        for index, name in enumerate(self._columns):
            column = self._table.column(name)
            if self._unread(name):
                yield index, None
            elif column is not None:
                normalise = normaliser(column.type, column.stored_type, snapshot=snapshot)
                if normalise is not None:
                    yield index, normalise

    def decode(self, images: Sequence[msgspec.Raw]) -> list[Row]:
        """Give raw rows: the columns in order, values as Debezium wrote them.

        Raises:
            TableChanged: an image lacks fields that the table was deployed with, or one of its
                fields is of another type.
        """
        try:
            structs = self._decoder.decode(b"[" + b",".join(images) + b"]")
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self._changed(images) from error
        return list(map(msgspec.structs.astuple, structs))

    def normalise(self, rows: list[Row], *, snapshot: bool = False) -> list[Row]:
        """Bring raw rows to state form.

        Raises:
            ValueNotUnderstood: a value is none that its column's type has.
        """
        normalisers = self._normalisers[snapshot]
        if not normalisers or not rows:
            return rows
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for index, normalise in normalisers:
            if normalise is None:
                columns[index] = (None,) * len(rows)
                continue
            try:
                columns[index] = [None if v is None else normalise(v) for v in columns[index]]
            except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
                raise self._not_understood(index, error) from error
        return list(zip(*columns, strict=True))

    def _not_understood(self, index: int, error: Exception) -> ValueNotUnderstood:
        return ValueNotUnderstood(
            source=self._source,
            table=self._table.name,
            column=self._columns[index],
            value=error,
            fix="correct the value in the source database, or exclude the column",
        )

    def _changed(self, images: Sequence[msgspec.Raw]) -> TableChanged:
        wanted = set(self._columns)
        for image in images:
            try:
                fields = msgspec.json.decode(image)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                continue
            if not isinstance(fields, dict):
                continue
            found = set(fields)
            found |= {name for name in wanted if self._unread(name)}
            if wanted - found:
                return TableChanged(
                    source=self._source,
                    table=self._table.name,
                    why=_difference(found - wanted, wanted - found),
                )
        why = "a column holds values of another type than it had"
        return TableChanged(source=self._source, table=self._table.name, why=why)


def _difference(new: set[str], gone: set[str]) -> str:
    parts = []
    if gone:
        parts.append("columns that are gone: " + ", ".join(sorted(gone)))
    if new:
        parts.append("new columns: " + ", ".join(sorted(new)))
    return "; ".join(parts)


@dataclass
class TableChanges:
    """What a run of transactions did to one table, in order.

    Attributes:
        table: as deployed.
        txs: for each change, the index of its transaction in the run; never falling.
        keys: for each change, the row's primary key.
        rows: for each change, the row as it is after it; None where it was deleted.
    """

    table: Table
    txs: list[int] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    rows: list[Row | None] = field(default_factory=list)


class TableDecoder:
    """Decodes the log's images of one table."""

    def __init__(self, source: str, table: Table) -> None:
        """Prepare for a table as it was deployed.

        Args:
            source: the source's name, for errors.
            table: its columns in the order of the rows to be given.
        """
        self.table = table
        self._source = source
        self._unchanged = Unchanged(table)
        names = [column.name for column in table.columns]
        self._images = _Part(source, table, names)
        self._keys = _Part(source, table, table.primary_key)
        indexes = [names.index(name) for name in table.primary_key]
        self._optional = [
            i
            for i, column in enumerate(table.columns)
            if column.nullable and column.type is not None and i not in indexes
        ]
        getter = operator.itemgetter(*indexes)
        self.key_of: Callable[[Row], Key] = (
            (lambda row: (getter(row),)) if len(indexes) == 1 else getter
        )

    def snapshot(self, events: Sequence[Envelope]) -> list[Row]:
        """Give the rows of a snapshot."""
        raw = self._images.decode([event.after for event in events])
        return self._images.normalise(raw, snapshot=True)

    def changes(
        self,
        events: Sequence[Envelope],
        txs: list[int],
        stored: Callable[[Key], Row | None],
    ) -> TableChanges:
        """Give what the events did.

        Args:
            events: rows of this table, operations c, r, u and d.
            txs: for each event, the index of its transaction.
            stored: the row that the state holds for a key, before all these events.
        """
        images = [event.after for event in events if event.op != "d"]
        gone = [event.before for event in events if event.op == "d"]
        raw = self._images.decode(images)
        if self._unchanged.among(images, raw):
            keys, rows = self._with_unchanged(events, txs, raw, gone, stored)
        else:
            normal = self._images.normalise(raw)
            deleted = self._keys.normalise(self._keys.decode(gone))
            keys, rows = self._in_order(events, normal, deleted)
        if gone and self.table.replica_identity == "full":
            changes = list(map(Change, txs, events, keys, rows))
            rows = settled(changes, stored, self._old)
        return TableChanges(self.table, txs, keys, rows)

    def _old(self, image: msgspec.Raw) -> Row:
        return self._images.normalise(self._images.decode([image]))[0]

    def _in_order(
        self, events: Sequence[Envelope], normal: list[Row], deleted: list[Row]
    ) -> tuple[list[Key], list[Row | None]]:
        if not deleted:
            return list(map(self.key_of, normal)), list(normal)
        images, gone = iter(normal), iter(deleted)
        rows = [None if event.op == "d" else next(images) for event in events]
        keys = [next(gone) if row is None else self.key_of(row) for row in rows]
        return keys, list(rows)

    def _with_unchanged(
        self,
        events: Sequence[Envelope],
        txs: Sequence[int],
        raw: list[Row],
        gone: list[msgspec.Raw],
        stored: Callable[[Key], Row | None],
    ) -> tuple[list[Key], list[Row | None]]:
        """Fill large values that the database left out from the row's image before.

        A row whose key was updated arrives as a delete and an insert: its image before is the
        deleted one's.
        """
        images = iter(raw)
        deleted = iter(self._keys.normalise(self._keys.decode(gone)))
        latest: dict[Key, Row | None] = {}
        keys: list[Key] = []
        rows: list[Row | None] = []
        moved: Row | None = None
        previous: Envelope | None = None
        at = -1

        def before(key: Key) -> Row | None:
            return latest[key] if key in latest else stored(key)

        for event, tx in zip(events, txs, strict=True):
            if tx != at:
                at, previous = tx, None
            row: Row | None = None
            if event.op == "d":
                key = next(deleted)
                moved = before(key)
            elif self._all_sent(event, image := next(images), previous, moved, before):
                row = self._images.normalise([image])[0]
                key = self.key_of(row)
            else:
                key, row = self._whole(image, event.op, moved, before)
            if row is not None:
                # a deleted row's last image stays: after a crash of Connect a stretch comes again
                latest[key] = row
            previous = event
            keys.append(key)
            rows.append(row)
        return keys, rows

    def _all_sent(
        self,
        event: Envelope,
        image: Row,
        previous: Envelope | None,
        moved: Row | None,
        before: Callable[[Key], Row | None],
    ) -> bool:
        """Tell whether an image has all of its values, whatever they look like.

        Args:
            event: with the image.
            image: as it arrived, decoded.
            previous: the event before it in its transaction: of a key that changed, the deletion.
            moved: the row that was deleted last, as it was.
            before: gives a row as it was.
        """
        if event.op != "c":
            return _is_there(event.before) and self._is_whole(event.before, before)
        if previous is None or previous.op != "d":
            return True
        if self._keys.decode([previous.before])[0] == self.key_of(image):
            return True  # deleted and written anew: no key has changed
        full = self.table.replica_identity == "full" and moved is not None
        return full and self._old(previous.before) == moved

    def _is_whole(self, image: msgspec.Raw, before: Callable[[Key], Row | None]) -> bool:
        """Tell whether a row before an update has more than a key that is stored out of line.

        Beside such a key Debezium writes NULL, and made-up values where a column has to have one.
        """
        (raw,) = self._images.decode([image])
        if any(raw[i] is not None for i in self._optional):
            return True
        old = before(self._keys.normalise(self._keys.decode([image]))[0])
        if old is None:
            return False
        try:
            return self._old(image) == old
        except ValueNotUnderstood:
            return False

    def _whole(
        self,
        image: Row,
        operation: str | None,
        moved: Row | None,
        before: Callable[[Key], Row | None],
    ) -> tuple[Key, Row]:
        """Give a row's key and the row with what was not sent of it."""
        blank = tuple(None if unavailable(value) else value for value in image)
        key = self.key_of(self._images.normalise([blank])[0])
        old = moved if operation == "c" else before(key)
        missing = self._unchanged.missing(image, old)
        kept = tuple(None if i in missing else value for i, value in enumerate(image))
        row = self._filled(self._images.normalise([kept])[0], missing, old)
        doubtful = self._unchanged.doubtful(row, old)
        return key, unknown(row, doubtful) if doubtful else row

    def _filled(self, row: Row, missing: Sequence[int], old: Row | None) -> Row:
        if not missing:
            return row
        if old is None:
            names = ", ".join(self.table.columns[i].name for i in missing)
            raise TableChanged(
                source=self._source,
                table=self.table.name,
                why=f"the database left out unchanged values ({names}) of a row never seen before",
            )
        return tuple(old[i] if i in missing else value for i, value in enumerate(row))


def _is_there(image: msgspec.Raw) -> bool:
    return bytes(image) != b"null"


def by_table(
    transactions: Sequence[Sequence[Envelope]], tables: dict[tuple[str, str], TableName]
) -> dict[TableName, tuple[list[Envelope], list[int]]]:
    """Sort the rows of a run of transactions by table, each with its transaction's index.

    Rows of tables that are not deployed are left out: no model can read them.
    """
    groups: dict[tuple[str | None, str | None], tuple[list[Envelope], list[int]]] = {
        name: ([], []) for name in tables
    }
    nowhere: tuple[list[Envelope], list[int]] = ([], [])
    for index, events in enumerate(transactions):
        for event in events:
            origin = event.source
            if origin is None or event.op not in _ROW_OPERATIONS:
                continue
            group = groups.get((origin.schema, origin.table), nowhere)
            group[0].append(event)
            group[1].append(index)
    return {table: groups[name] for name, table in tables.items() if groups[name][0]}


_ROW_OPERATIONS = frozenset({"c", "r", "u", "d"})

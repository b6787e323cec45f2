"""From the log's JSON to rows in state form, table by table and in bulk."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from streammesh.contracts.types import Boolean, Integer
from streammesh.documents.values import TableName
from streammesh.engine.log import Envelope
from streammesh.errors.engine import TableChanged, ValueNotUnderstood
from streammesh.models.storage import normaliser
from streammesh.models.tables import Column, Table

Row = tuple[Any, ...]
Key = tuple[Any, ...]

UNAVAILABLE = b"__debezium_unavailable_value"
_UNAVAILABLE_HEX = UNAVAILABLE.hex().encode()
_UNAVAILABLE_TEXTS = frozenset({UNAVAILABLE.decode(), UNAVAILABLE.hex()})


def unavailable(value: object) -> bool:
    """Tell whether the value stands for one that the database did not send, since unchanged."""
    if isinstance(value, str):
        return value in _UNAVAILABLE_TEXTS
    return isinstance(value, list) and len(value) == 1 and unavailable(value[0])


def _json_kind(column: Column | None) -> Any:
    """Give what the log's JSON holds of a column: another kind means that its type has changed."""
    match None if column is None else column.type:
        case Integer():
            return int | None
        case Boolean():
            return bool | None
        case None:
            return Any
        case _:
            return str | None


class _Part:
    """Decodes one JSON object to a tuple of some of its columns, in state form."""

    def __init__(self, source: str, table: Table, columns: Sequence[str], *, exact: bool) -> None:
        self._source = source
        self._table = table
        self._columns = tuple(columns)
        struct = msgspec.defstruct(
            "Row",
            [(f"c{i}", _json_kind(table.column(name))) for i, name in enumerate(columns)],
            rename={f"c{i}": name for i, name in enumerate(columns)},
            forbid_unknown_fields=exact,
            gc=False,
        )
        self._decoder: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(list[struct])  # type: ignore[valid-type]
        self._normalisers: list[tuple[int, Callable[[Any], Any]]] = []
        for index, name in enumerate(columns):
            column = table.column(name)
            if column is None:
                continue
            normalise = normaliser(column.type, column.database_type)
            if normalise is not None:
                self._normalisers.append((index, normalise))

    def decode(self, images: Sequence[msgspec.Raw]) -> list[Row]:
        """Give raw rows: the columns in order, values as Debezium wrote them.

        Raises:
            TableChanged: an image has other fields than the table was deployed with.
        """
        try:
            structs = self._decoder.decode(b"[" + b",".join(images) + b"]")
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise self._changed(images) from error
        return list(map(msgspec.structs.astuple, structs))

    def normalise(self, rows: list[Row]) -> list[Row]:
        """Bring raw rows to state form.

        Raises:
            ValueNotUnderstood: a value is none that its column's type has.
        """
        if not self._normalisers or not rows:
            return rows
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for index, normalise in self._normalisers:
            try:
                columns[index] = [None if v is None else normalise(v) for v in columns[index]]
            except (ValueError, TypeError, AttributeError) as error:
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
            found = set(msgspec.json.decode(image) or ())
            if found != wanted:
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
        names = [column.name for column in table.columns]
        self._images = _Part(source, table, names, exact=True)
        self._keys = _Part(source, table, table.primary_key, exact=False)
        indexes = [names.index(name) for name in table.primary_key]
        getter = operator.itemgetter(*indexes)
        self.key_of: Callable[[Row], Key] = (
            (lambda row: (getter(row),)) if len(indexes) == 1 else getter
        )

    def snapshot(self, events: Sequence[Envelope]) -> list[Row]:
        """Give the rows of a snapshot."""
        return self._images.normalise(self._images.decode([event.after for event in events]))

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
        if _any_unavailable(images):
            keys, rows = self._with_unchanged(events, raw, gone, stored)
        else:
            normal = self._images.normalise(raw)
            deleted = self._keys.normalise(self._keys.decode(gone))
            keys, rows = self._in_order(events, normal, deleted)
        return TableChanges(self.table, txs, keys, rows)

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
        last_deleted: Row | None = None

        def before(key: Key) -> Row | None:
            return latest[key] if key in latest else stored(key)

        for event in events:
            row: Row | None = None
            if event.op == "d":
                key = next(deleted)
                last_deleted = before(key)
            else:
                image = next(images)
                missing = [i for i, value in enumerate(image) if unavailable(value)]
                blanked = tuple(None if i in missing else v for i, v in enumerate(image))
                row = self._images.normalise([blanked])[0]
                key = self.key_of(row)
                if missing:
                    old = last_deleted if event.op == "c" else before(key)
                    row = self._filled(row, missing, old)
            if row is not None:
                # a deleted row's last image stays: after a crash of Connect a stretch comes again
                latest[key] = row
            keys.append(key)
            rows.append(row)
        return keys, rows

    def _filled(self, row: Row, missing: Sequence[int], old: Row | None) -> Row:
        if old is None:
            names = ", ".join(self.table.columns[i].name for i in missing)
            raise TableChanged(
                source="",
                table=self.table.name,
                why=f"the database left out unchanged values ({names}) of a row never seen before",
            )
        return tuple(old[i] if i in missing else value for i, value in enumerate(row))


def _any_unavailable(images: Sequence[msgspec.Raw]) -> bool:
    everything = b"".join(images)
    return UNAVAILABLE in everything or _UNAVAILABLE_HEX in everything


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

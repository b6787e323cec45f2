"""Debezium's twin: from what a logical slot gives to the records of the private log.

`tests/conformance/test_debezium.py` holds it to the real one, with the settings of
`streammesh.capture.connector`. What nothing may rely on (the columns of a deletion beside the key)
is other than Debezium's on purpose where `rubbish` is set.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streammesh.capture.connector import UNAVAILABLE
from streammesh.contracts.types import (
    Array,
    Boolean,
    Bytes,
    Date,
    Decimal,
    Float,
    Integer,
    Text,
    Time,
    Timestamp,
    Type,
)
from streammesh.models.postgres_types import printed_type
from streammesh.models.tables import Column, Table
from tests.property import pgoutput
from tests.property.pgoutput import UNCHANGED, Begin, Change, Commit, Message, Reader, Truncate

PREFIX = "streammesh.heartbeat"


@dataclass(frozen=True)
class Record:
    """A record of the log: its value, and the headers that nobody reads."""

    value: Mapping[str, Any]
    headers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def encoded(self) -> bytes:
        """As Kafka has it."""
        return json.dumps(self.value, ensure_ascii=False).encode()


class Twin:
    """Writes the records of some tables."""

    def __init__(self, tables: Iterable[Table], *, rubbish: bool = False) -> None:
        """Keep the tables as introspected."""
        self._tables = {(one.name.schema, one.name.name): one for one in tables}
        self._rubbish = rubbish
        self._reader = Reader()
        self._begin = Begin(0, 0, 0)
        self._number = 0

    # --- snapshot

    def snapshot(self, rows: Mapping[str, Sequence[Sequence[str | None]]]) -> Iterator[Record]:
        """Give the records of a snapshot.

        Args:
            rows: by the table's name, values as PostgreSQL writes them as text.
        """
        yield self._notification("STARTED")
        for table in self._tables.values():
            for row in rows[str(table.name)]:
                values = dict(zip((one.name for one in table.columns), row, strict=True))
                yield self._row("r", table, None, self._image(table, values))
            name = f"db.{table.name}"
            yield self._notification("TABLE_SCAN_COMPLETED", scanned_collection=name)
        yield self._notification("COMPLETED")

    def _notification(self, kind: str, **data: str) -> Record:
        body = {"id": "n", "aggregate_type": "Initial Snapshot", "type": kind}
        return Record({**body, "additional_data": data, "timestamp": 0})

    # --- stream

    def stream(self, messages: Iterable[tuple[int, bytes]]) -> Iterator[Record]:
        """Give the records of what a slot gives.

        Args:
            messages: position and pgoutput message.
        """
        for lsn, data in messages:
            message = self._reader.read(data)
            match message:
                case Begin():
                    self._begin, self._number = message, 0
                    yield self._mark("BEGIN", lsn)
                case Commit():
                    yield self._mark("END", message.commit_lsn)
                case Change():
                    yield from self._change(message)
                case Truncate():
                    for one in message.relations:
                        table = self._tables[one.schema, one.table]
                        yield self._row("t", table, None, None)
                case Message() if message.prefix.startswith(PREFIX):
                    content = {"prefix": message.prefix, "content": message.content.hex()}
                    source = {"schema": "", "table": "", "lsn": lsn}
                    yield Record({"op": "m", "source": source, "message": content, "ts_ms": 0})

    def _mark(self, status: str, lsn: int) -> Record:
        time_ms = self._begin.time_us // 1000 + 946_684_800_000
        return Record({"status": status, "id": f"{self._begin.txid}:{lsn}", "ts_ms": time_ms})

    def _change(self, change: Change) -> Iterator[Record]:
        table = self._tables[change.relation.schema, change.relation.table]
        new = change.new and self._image(table, _filled(change))
        old = change.old and self._image(table, change.old)

        def key(image: Mapping[str, Any]) -> dict[str, Any]:
            return {name: image[name] for name in table.primary_key}

        if change.op == "I":
            yield self._row("c", table, None, new)
        elif change.op == "D":
            gone = self._gone(table, change, old, rubbish=self._rubbish)
            yield self._row("d", table, gone, None)
        elif old is not None and new is not None and key(old) != key(new):
            gone = self._gone(table, change, old, rubbish=self._rubbish)
            yield self._row("d", table, gone, None, {"__debezium.newkey": key(new)})
            yield self._row("c", table, None, new, {"__debezium.oldkey": key(old)})
        else:
            # of a key stored out of line the old one is told, though it is as it was
            before = old and self._gone(table, change, old, rubbish=False)
            yield self._row("u", table, before, new)

    def _gone(self, table: Table, change: Change, old: Any, *, rubbish: bool) -> Mapping[str, Any]:
        """Give what is said of the old row: what the database didn't send is made up."""
        if not change.key_only:
            return dict(old)
        return {
            one.name: old[one.name]
            if one.name in table.primary_key
            else self._made_up(one, old[one.name], rubbish=rubbish)
            for one in table.columns
        }

    def _made_up(self, column: Column, value: Any, *, rubbish: bool) -> Any:
        if rubbish:
            return "rubbish"
        # a partition may send more than its table says
        return made_up(column.type) if value is None and not column.nullable else value

    def _image(self, table: Table, values: Mapping[str, object]) -> dict[str, Any]:
        return {
            one.name: written(one.type, values[one.name], one.stored_type) for one in table.columns
        }

    def _row(
        self,
        op: str,
        table: Table,
        before: Any,
        after: Any,
        headers: Mapping[str, Any] | None = None,
    ) -> Record:
        self._number += 1
        # neither lies as Debezium's do after a crash: nothing may rely on them
        source = {
            "schema": table.name.schema,
            "table": table.name.name,
            "lsn": self._begin.commit_lsn - self._number,
            "txId": self._begin.txid,
            "ts_ms": 0,
        }
        value = {"before": before, "after": after, "source": source, "op": op, "ts_ms": 0}
        return Record(value, headers or {})


def _filled(change: Change) -> pgoutput.Values:
    """Give the new row, with large values from the old one as far as the log has that."""
    old, new = change.old or {}, change.new or {}
    return {
        name: value if value is not UNCHANGED or old.get(name) is None else old[name]
        for name, value in new.items()
    }


def written(  # noqa: PLR0911, C901 - one line per type
    kind: Type | None, value: object, database_type: str = ""
) -> Any:
    """Give a value as the log's JSON has it, from PostgreSQL's text."""
    if value is None:
        return None
    if value is UNCHANGED:
        return UNAVAILABLE
    text = str(value)
    if (printed := _PRINTED.get(printed_type(database_type))) is not None:
        return printed(text)
    match kind:
        case Array(items):
            return [written(items, one) for one in elements(text)]
        case Float():
            return text if text[-1] in "Ny" else float(text)
        case Integer():
            return int(text)
        case Boolean():
            return text == "t"
        case Bytes():
            return text.removeprefix("\\x")
        case Date():
            return f"{text}Z"
        case Time():
            return f"{text}Z"
        case Timestamp(zone):
            moment = text.replace(" ", "T").removesuffix("+00")
            return f"{_six_digits(moment) if zone else moment}Z"
        case _:
            return text


_ELEMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,{}]+)', re.DOTALL)


def elements(text: str) -> list[str | None]:
    """Give the elements of a list of one dimension, as PostgreSQL writes it."""
    return [
        None if plain == "NULL" else plain or re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
        for quoted, plain in _ELEMENT.findall(text)
    ]


_INTERVAL = re.compile(
    "P"
    + "".join(rf"(?:(-?\d+){one})?" for one in "YMD")
    + "(?:T"
    + "".join(rf"(?:(-?[\d.]+){one})?" for one in "HMS")
    + ")?"
)


def _interval(text: str) -> str:
    found = _INTERVAL.fullmatch(text)
    assert found is not None, text
    years, months, days, hours, minutes, seconds = (one or "0" for one in found.groups())
    return f"P{years}Y{months}M{days}DT{hours}H{minutes}M{seconds}S"


def _bits(text: str) -> str:
    octets = int(text, 2).to_bytes((len(text) + 7) // 8, "little")
    return base64.b64encode(octets.rstrip(b"\x00")).decode()


_PRINTED: Mapping[str, Callable[[str], str]] = {
    "interval": _interval,
    "bit": _bits,
    "int4multirange": lambda text: text.encode().hex(),
}


def _six_digits(moment: str) -> str:
    seconds, _, fraction = moment.partition(".")
    return f"{seconds}.{fraction:0<6}"


def made_up(kind: Type | None) -> Any:
    """Give what Debezium writes for a value that it does not know."""
    match kind:
        case Integer():
            return 0
        case Boolean():
            return False
        case Decimal():
            return "0"
        case Text() | Bytes():
            return ""
        case _:
            return "1970-01-01Z"


def compared(
    value: Mapping[str, Any],
    headers: Mapping[str, Any],
    keys: Mapping[tuple[str, str], Sequence[str]] | None = None,
) -> tuple[Any, ...]:
    """Give what is the same in a record of the twin and of the real one.

    Args:
        value: the record's.
        headers: the record's.
        keys: by table, the columns of a deletion to be compared; all when it is not given.
    """
    if "status" in value:
        return value["status"], value["id"].partition(":")[0]
    source = value.get("source") or {}
    table = str(source.get("schema")), str(source.get("table"))
    before = value.get("before")
    if keys is not None and before is not None and value.get("op") == "d":
        before = {name: before[name] for name in keys[table]}
    return value.get("op"), table, before, value.get("after"), dict(headers)

"""Events of products as rows of tables, in the form in which a private log has rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from streammesh.contracts.types import Json, Timestamp, Type
from streammesh.deployments.deployment import InputProduct
from streammesh.errors.engine import InputNotUnderstood, SchemaUnknown
from streammesh.models.tables import Table
from streammesh.platform.decoding import Decoder, Undecodable
from streammesh.platform.streams import Record


class Rows:
    """Makes rows of the events of one product."""

    def __init__(self, product: InputProduct, table: Table, schemas: Mapping[int, str]) -> None:
        """Keep what is needed to read events.

        Args:
            product: whose events.
            table: it as models see it.
            schemas: those that its events were written with, by id.
        """
        self._product, self._schemas = product, schemas
        self._decode = Decoder(self._schema).decode
        self._columns = [(one.name, written(one.type)) for one in table.columns]
        self._key = [one for one in self._columns if one[0] in table.primary_key]
        self._source = {"schema": table.name.schema, "table": table.name.name, "ts_ms": 0}

    def _schema(self, id: int) -> str:
        schema = self._schemas.get(id)
        if schema is None:
            raise SchemaUnknown(topic=self._product.topic, id=id)
        return schema

    def row(self, event: Record) -> bytes:
        """Give the record of the log for an event.

        Raises:
            InputNotUnderstood: it is none that the product's engine writes.
            SchemaUnknown: what it was written with is not deployed.
        """
        if event.value is None:
            key = self._read(event, event.key)
            before = {name: write(key.get(name)) for name, write in self._key}
            return _record("d", before, None, self._source)
        read = {**self._product.defaults, **self._read(event, event.value)}
        row = {name: write(read.get(name)) for name, write in self._columns}
        # an old row says that the new one has all its values
        return _record("u", {}, row, self._source)

    def _read(self, event: Record, data: bytes | None) -> Mapping[str, Any]:
        place: dict[str, Any] = {"partition": event.partition, "offset": f"{event.offset:,}"}
        try:
            found = self._decode(data)
        except Undecodable as error:
            raise InputNotUnderstood(topic=self._product.topic, **place, why=str(error)) from error
        if not isinstance(found, dict):
            why = "it is no record"
            raise InputNotUnderstood(topic=self._product.topic, **place, why=why)
        return found


def _record(op: str, before: Any, after: Any, source: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode({"op": op, "before": before, "after": after, "source": source})


def written(kind: Type | None) -> Callable[[Any], Any]:
    """Give the function from a canonical value to what the log has of it (`models.incoming`)."""
    match kind:
        case Json():
            return _json
        case Timestamp(zone=False):
            return lambda value: None if value is None else f"{value}Z"
        case _:
            return lambda value: value


def _json(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

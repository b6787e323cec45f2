"""A port's files worked out: what is deployed of it, as a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from streammesh.contracts import contract as contracts
from streammesh.contracts.contract import Contract
from streammesh.contracts.types import Record
from streammesh.documents.values import Port, TableName
from streammesh.models.compiled import CompiledModel
from streammesh.models.condition import Condition


@dataclass(frozen=True)
class Built:
    """A port, ready to be deployed.

    Attributes:
        port: its files.
        fields: the document's fields as its contract promises them.
        distinct: dotted paths of fields that no two documents may have alike, rule by rule.
        model: how its documents are made.
        key_schema: Avro of the key, canonical JSON.
        value_schema: Avro of the value, canonical JSON.
        conditions: its contract's rules in SQL.
        origin: a digest of all that it was compiled from; empty when nobody asked for it.
    """

    port: Port
    fields: Record
    distinct: tuple[tuple[str, ...], ...]
    model: CompiledModel
    key_schema: str
    value_schema: str
    conditions: tuple[Condition, ...] = ()
    origin: str = ""

    @cached_property
    def contract(self) -> Contract:
        """What it promises, with its places; read when somebody asks, which most plans don't."""
        return contracts.read(self.port.contract)


def read_columns(
    built: Iterable[Built], domain: str, source: str
) -> frozenset[tuple[TableName, str]]:
    """Give the columns of a source that any of these models reads."""
    return frozenset(
        (table, column)
        for one in built
        if (one.model.domain, one.model.source) == (domain, source)
        for table, columns in one.model.columns
        for column in columns
    )

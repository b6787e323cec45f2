"""The rows of views about domains, sources and lineage. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from streammesh.policies.state import MeshState

Rows = Iterator[tuple[Any, ...]]

_DAY_MS = 86_400_000


def domains(state: MeshState) -> Rows:
    """Give the domains."""
    names = ("domain", "domain", "team", "email", "chat", "on_call_hours", "on_call_contact")
    return (tuple(one[name] for name in names) for one in state.rows("domains"))


def sources(state: MeshState) -> Rows:
    """Give the sources."""
    names = ("asset", "domain", "source", "database_type", "private_log")
    for one in state.rows("sources"):
        yield *(one[name] for name in names), one["retention_ms"] / _DAY_MS


def source_tables(state: MeshState) -> Rows:
    """Give what sources read."""
    for one in state.rows("source_tables"):
        source, table = one["asset"], one["table"]
        yield f"{source}.{table}", one["domain"], source, table


def source_columns(state: MeshState) -> Rows:
    """Give the captured columns."""
    for one in state.rows("source_columns"):
        source, table, column = one["asset"], one["table"], one["column"]
        flags = (int(one["nullable"]), int(one["key"]))
        subject = f"{source}.{table}.{column}"
        yield subject, one["domain"], source, table, column, one["type"], *flags


def lineage(state: MeshState) -> Rows:
    """Give where fields come from."""
    names = ("field", "from_asset", "from_table", "from_column", "from_kind")
    for one in state.rows("lineage"):
        asset = one["asset"]
        yield asset, asset, one["domain"], *(one[name] for name in names)

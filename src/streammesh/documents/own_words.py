"""The errors that our own schemas name by `x-says`, where a pattern alone would say too little."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streammesh.documents.naming import proposal
from streammesh.errors import Location, MeshError
from streammesh.errors.documents import (
    BadDuration,
    BadName,
    BadSecret,
    BadTable,
    ClearPassword,
    PasswordInFile,
    ReservedName,
)

_FORMS = {"table": "schema.table", "column": "schema.table.column"}


def said(
    value: object, rule: Mapping[str, Any], where: Location, *, reserved: bool
) -> MeshError | None:
    """Give the error that a rule names.

    Args:
        value: what the file says.
        rule: the part of the schema that refused it.
        where: its place.
        reserved: a name is one, but reserved.

    Returns:
        None when the rule names none.
    """
    says = rule.get("x-says")
    if says == "duration":
        return BadDuration(text=value, where=where)
    if says is None or not isinstance(value, str):
        return None
    if says == "name":
        return _name(value, rule.get("x-kind", "thing"), where, reserved=reserved)
    if says in _FORMS:
        return BadTable(text=value, kind=says, where=where, fix=_FORMS[says])
    return _secret(value, says, where)


def _name(name: str, kind: str, where: Location, *, reserved: bool) -> MeshError:
    if reserved:
        return ReservedName(name=name, kind=kind, where=where)
    return BadName(name=name, kind=kind, where=where, fix=proposal(name))


def _secret(text: str, says: str, where: Location) -> MeshError:
    """Say what is wrong with a secret; the line isn't shown when it holds a password."""
    hidden = Location(where.file, where.line, where.column)
    if says == "clear":
        return ClearPassword(where=hidden)
    if says == "password":
        return PasswordInFile(where=hidden)
    start = text.find("${")
    end = text.find("}", start)
    return BadSecret(text=text[start : end + 1] if end >= 0 else "${", where=where)

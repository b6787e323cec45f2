"""What changes of all that a contract says of a field to people: meaning, unit, classification."""

from __future__ import annotations

from collections.abc import Iterator

from streammesh.contracts.changes.kinds import Kind
from streammesh.contracts.changes.matching import words
from streammesh.contracts.changes.tree import Node
from streammesh.contracts.changes.types import Found
from streammesh.contracts.types import Text

CLASSES = ("public", "internal", "confidential", "restricted")
"""Classifications, the lowest first; a field without one is below them all."""


def said_changes(old: Node, new: Node) -> Iterator[Found]:
    """Give what changes of description, unit, format and classification of a field."""
    yield from _meaning(old, new)
    yield from _unit(_text(old.options.get("unit")), _text(new.options.get("unit")))
    yield from _format(old, new)
    yield from _classification(
        _text(old.said.get("classification")), _text(new.said.get("classification"))
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _meaning(old: Node, new: Node) -> Iterator[Found]:
    before, after = _text(old.said.get("description")), _text(new.said.get("description"))
    if before == after:
        return
    critical = (old.critical or new.critical) and bool(before)
    if critical and words(before) != words(after):
        yield Kind.MEANING_CHANGED, before, after
    else:
        yield Kind.DESCRIPTION_CHANGED, before, after


def _unit(before: str, after: str) -> Iterator[Found]:
    if before != after:
        yield Kind.UNIT_CHANGED if before and after else Kind.UNIT_SAID, before, after


def _format(old: Node, new: Node) -> Iterator[Found]:
    """Compare the option `format` of texts; of others it is a type, or for people."""
    if not (isinstance(old.field.type, Text) and isinstance(new.field.type, Text)):
        return
    before, after = _format_of(old), _format_of(new)
    if before != after:
        kind = Kind.FORMAT_LOOSENED if before else Kind.FORMAT_TIGHTENED
        yield kind, f"format {before}" if before else "", f"format {after}" if after else ""


def _format_of(node: Node) -> str:
    return _text((node.said.get("logicalTypeOptions") or {}).get("format"))


def _classification(before: str, after: str) -> Iterator[Found]:
    if before == after:
        return
    ranks = {"": -1} | {name: rank for rank, name in enumerate(CLASSES)}
    old, new = ranks.get(before.lower()), ranks.get(after.lower())
    if old == new and old is not None:
        return
    if after.lower() == CLASSES[-1]:
        yield Kind.CLASSIFICATION_RESTRICTED, before, after
    elif old is None or new is None:
        yield Kind.CLASSIFICATION_CHANGED, before, after
    else:
        kind = Kind.CLASSIFICATION_RAISED if new > old else Kind.CLASSIFICATION_LOWERED
        yield kind, before, after

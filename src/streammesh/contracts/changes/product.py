"""What changes of a port as such: its key, its topic, its promises, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from streammesh.contracts.avro import key_schema
from streammesh.contracts.changes.change import Change, change_of
from streammesh.contracts.changes.kinds import Kind
from streammesh.contracts.changes.matching import words
from streammesh.contracts.changes.quality import quality_changes
from streammesh.contracts.changes.sla import sla_changes
from streammesh.contracts.changes.tree import ROOT, Tree
from streammesh.contracts.types import Field
from streammesh.documents.values import StreamOptions
from streammesh.errors import Location

Said = Mapping[str, Any]
Found = tuple[Kind, str, str]

_STANDING = ("retired", "proposed", "draft", "deprecated", "active")
"""States of a contract, in the order of how far it can be relied on."""


def product_changes(old: Tree, new: Tree) -> Iterator[Change]:
    """Give what changes of a port as a whole."""
    every = tuple(old.nodes)

    def change(kind: Kind, before: str, after: str, at: str, *names: str) -> Change:
        return change_of(kind, "", (before, after), every, new.place(at, *names))

    before, after = old.file.document, new.file.document
    for kind, was, now in _key(old, new):
        yield change(kind, was, now, ROOT, "properties")
    stream = _stream_at(new)
    for kind, was, now, name in stream_changes(old.file.stream, new.file.stream):
        yield change(kind, was, now, stream, name)
    for kind, was, now, index in sla_changes(before, after):
        yield change(kind, was, now, f"slaProperties[{index}]" if index >= 0 else "slaProperties")
    for kind, was, now, index in quality_changes(old.schema, new.schema):
        yield change(kind, was, now, ROOT, f"quality[{index}]" if index >= 0 else "quality")
    for kind, was, now in _status(str(before["status"]), str(after["status"])):
        yield change(kind, was, now, "status")
    for kind, was, now, name in _people(before, after):
        yield change(kind, was, now, name)
    if words(old.contract.description) != words(new.contract.description):
        was, now = old.contract.description, new.contract.description
        yield change(Kind.DESCRIPTION_CHANGED, was, now, ROOT, "description")


def _key(old: Tree, new: Tree) -> Iterator[Found]:
    if key_schema(old.contract, "key") != key_schema(new.contract, "key"):
        yield Kind.KEY, _names(old.contract.key), _names(new.contract.key)


def _names(fields: tuple[Field, ...]) -> str:
    return ", ".join(one.name for one in fields)


def _stream_at(tree: Tree) -> str:
    entries = tree.file.document.get("customProperties") or ()
    index = next((at for at, one in enumerate(entries) if one["property"] == "stream"), 0)
    return f"customProperties[{index}].value"


def stream_changes(old: StreamOptions, new: StreamOptions) -> Iterator[tuple[Kind, str, str, str]]:
    """Give what changes of the `stream` property, and the option that shows it."""
    every_commit = new.history == "every-commit"
    kinds = {
        "partitions": Kind.PARTITIONS,
        "cleanup": Kind.CLEANUP,
        "history": Kind.HISTORY_KEPT if every_commit else Kind.ORDERING,
        "on_violation": Kind.VIOLATIONS,
        "max_bytes": Kind.LIMITS,
        "max_transaction_events": Kind.LIMITS,
    }
    for name, kind in kinds.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield kind, str(before), str(after), name
    if words(old.trigger) != words(new.trigger):
        yield Kind.TRIGGER, old.trigger, new.trigger, "trigger"


def _status(before: str, after: str) -> Iterator[Found]:
    if before == after:
        return
    kind = Kind.STATUS_RETIRED
    if after != "retired":
        raised = _STANDING.index(after) > _STANDING.index(before)
        kind = Kind.STATUS_READY if raised and after != "deprecated" else Kind.STATUS_LOWERED
    yield kind, before, after


def _people(old: Said, new: Said) -> Iterator[tuple[Kind, str, str, str]]:
    for name, kind in (("team", Kind.OWNER), ("support", Kind.SUPPORT)):
        before, after = old.get(name), new.get(name)
        if _plain(before) != _plain(after):
            found = kind if after else Kind.SUPPORT_REMOVED
            yield found, _people_named(before), _people_named(after), name


def owner_changes(
    old: Mapping[str, str], new: Mapping[str, str], fields: tuple[str, ...], where: Location | None
) -> Iterator[Change]:
    """Give what changes of the owner that domain.yaml names; nothing when it isn't known."""
    if old and dict(old) != dict(new):
        kind = Kind.OWNER if new else Kind.SUPPORT_REMOVED
        said = ", ".join(old.values()), ", ".join(new.values())
        yield change_of(kind, "", said, fields, where)


_KEPT = {
    "delete.retention.ms": (Kind.TOMBSTONES_LENGTHENED, Kind.TOMBSTONES_SHORTENED),
    "retention.ms": (Kind.RETENTION_LENGTHENED, Kind.RETENTION_SHORTENED),
    "retention.bytes": (Kind.RETENTION_LENGTHENED, Kind.RETENTION_SHORTENED),
}


def topic_changes(
    old: Mapping[str, str], new: Mapping[str, str], fields: tuple[str, ...], where: Location | None
) -> Iterator[Change]:
    """Give what changes of a topic's settings that both versions know; -1 is without end."""
    for name, kinds in _KEPT.items():
        before, after = (int(one[name]) if name in one else None for one in (old, new))
        if before is not None and after is not None and before != after:
            longer = after == -1 or (before != -1 and after > before)
            kind = kinds[0] if longer else kinds[1]
            said = f"{name} {before}", f"{name} {after}"
            yield change_of(kind, "", said, fields, where)


def _plain(value: Any) -> bytes:
    return msgspec.json.encode(value or None, order="deterministic")


def _people_named(value: Any) -> str:
    """Give a team or channels of support by their names."""
    if isinstance(value, Mapping):
        members = value.get("members") or ()
        names = [value.get("name"), *(one.get("username") for one in members)]
    else:
        names = [one.get("username") or one.get("channel") for one in value or ()]
    return ", ".join(str(one) for one in names if one)

"""What changes of the fields of a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from streammesh.contracts.changes.change import Change, change_of
from streammesh.contracts.changes.kinds import Kind
from streammesh.contracts.changes.matching import Matches
from streammesh.contracts.changes.quality import quality_changes
from streammesh.contracts.changes.rules import rule_changes
from streammesh.contracts.changes.said import said_changes
from streammesh.contracts.changes.tree import Node, Tree
from streammesh.contracts.changes.types import Found, same_kind, type_changes
from streammesh.contracts.spelling import spell
from streammesh.contracts.types import Record

_OPTIONS = "logicalTypeOptions"
_STANDS_AT = {
    Kind.UNIT_CHANGED: ("customProperties",),
    Kind.UNIT_SAID: ("customProperties",),
    Kind.DEFAULT_ADDED: ("customProperties",),
    Kind.DEFAULT_CHANGED: ("customProperties",),
    Kind.MADE_REQUIRED: ("required",),
    Kind.MADE_OPTIONAL: ("required",),
    Kind.FORMAT_LOOSENED: (_OPTIONS, "quality"),
    Kind.FORMAT_TIGHTENED: (_OPTIONS, "quality"),
    Kind.ENUM_VALUE_ADDED: ("enum", "quality"),
    Kind.ENUM_VALUE_REMOVED: ("enum", "quality"),
    Kind.ENUM_WORD_ADDED: ("enum", "quality"),
    Kind.ENUM_WORD_REMOVED: ("enum", "quality"),
    Kind.ENUM_UNKNOWN_CHANGED: ("customProperties",),
    Kind.MEANING_CHANGED: ("description",),
    Kind.DESCRIPTION_CHANGED: ("description",),
    Kind.CLASSIFICATION_RAISED: ("classification",),
    Kind.CLASSIFICATION_RESTRICTED: ("classification",),
    Kind.CLASSIFICATION_LOWERED: ("classification",),
    Kind.CLASSIFICATION_CHANGED: ("classification",),
    Kind.QUALITY_LOOSENED: ("quality",),
    Kind.QUALITY_TIGHTENED: ("quality",),
    Kind.QUALITY_ADDED: ("unique", "quality"),
}
"""Which part of a property shows a change, where it isn't the type."""


class FieldChanges:
    """Compares the fields of two versions, of which it is known which is which."""

    def __init__(self, old: Tree, new: Tree, matches: Matches) -> None:
        """Begin.

        Args:
            old: the old version's fields.
            new: likewise.
            matches: those that have another path.
        """
        self._old, self._new, self._matches = old, new, matches
        self._after = {before: after for after, before in matches.before.items()}

    def all(self) -> Iterator[Change]:
        """Give the changes in the order of the new version's fields, removed ones last."""
        named = {after: before for before, after in self._matches.named}
        for path, node in self._new.nodes.items():
            if path not in self._matches.before:
                yield from self._added(node)
                continue
            before = self._old.nodes[self._matches.before[path]]
            if path in named:
                yield self._named(before, node)
            yield from self._pair(before, node)
        for path, node in self._old.nodes.items():
            if path not in self._after:
                yield from self._removed(node)

    def _added(self, node: Node) -> Iterator[Change]:
        """Tell of a field whose object was there before; the others come with theirs."""
        if not self._comparable(self._matches.before.get(node.parent, ""), node.parent):
            return
        lacking = node.field.required and node.field.default is None
        kind = Kind.FIELD_ADDED_REQUIRED if lacking else Kind.FIELD_ADDED_OPTIONAL
        fields = tuple(self._new.with_below(node.path))
        found = change_of(
            kind, node.path, ("", _described(node)), fields, self._new.where(node.path)
        )
        yield replace(found, whole=lacking)

    def _removed(self, node: Node) -> Iterator[Change]:
        parent = self._after.get(node.parent, "")
        if not self._comparable(node.parent, parent):
            return
        needed = node.field.required and node.field.default is None
        kind = Kind.FIELD_REMOVED_REQUIRED if needed else Kind.FIELD_REMOVED_OPTIONAL
        kept = {one for one in self._old.below(node.path) if one in self._after}
        fields = tuple(one for one in self._old.with_below(node.path) if one not in kept)
        where = self._new.where(parent)
        yield change_of(kind, node.path, (_described(node), ""), fields, where)

    def _comparable(self, before: str, after: str) -> bool:
        """Tell whether two fields are one, and hold what can be compared."""
        if not before and not after:
            return True
        if not before or not after:
            return False
        return same_kind(self._old.nodes[before].field.type, self._new.nodes[after].field.type)

    def _named(self, old: Node, new: Node) -> Change:
        parent = self._after.get(old.parent) if old.parent else ""
        kind = Kind.FIELD_RENAMED if parent == new.parent else Kind.FIELD_MOVED
        fields = tuple(self._old.with_below(old.path))
        where = self._new.where(new.path)
        return change_of(kind, new.path, (old.path, new.path), fields, where)

    def _pair(self, old: Node, new: Node) -> Iterator[Change]:
        deep = self._old.with_below(old.path)
        for kind, *said in type_changes(old.field.type, new.field.type):
            yield self._change(kind, new, said, deep)
        if old.field.required != new.field.required:
            said = ["optional", "required"] if new.field.required else ["required", "optional"]
            kind = Kind.MADE_REQUIRED if new.field.required else Kind.MADE_OPTIONAL
            yield self._change(kind, new, said, deep)
        for kind, *said in self._alone(old, new):
            yield self._change(kind, new, said, (old.path,))
        for kind, before, after, index in quality_changes(old.said, new.said):
            found = self._change(kind, new, (before, after), (old.path,))
            where = self._new.where(new.path, f"quality[{index}]") if index >= 0 else found.where
            yield replace(found, where=where)

    def _alone(self, old: Node, new: Node) -> Iterator[Found]:
        """Give what changes of a field and of nothing that stands in it."""
        yield from _default(old, new)
        if same_kind(old.field.type, new.field.type):
            yield from rule_changes(old.field, new.field)
        yield from said_changes(old, new)

    def _change(
        self, kind: Kind, new: Node, said: Sequence[str], fields: tuple[str, ...]
    ) -> Change:
        names = _STANDS_AT.get(kind, ("physicalType", "logicalType"))
        before, after = said
        return change_of(kind, new.path, (before, after), fields, self._new.where(new.path, *names))


def _default(old: Node, new: Node) -> Iterator[Found]:
    before, after = old.field.default, new.field.default
    if not (old.field.required and new.field.required) or before == after:
        return
    kind = Kind.DEFAULT_CHANGED
    if before is None or after is None:
        kind = Kind.DEFAULT_ADDED if before is None else Kind.DEFAULT_REMOVED
    yield kind, "" if before is None else str(before), "" if after is None else str(after)


def _described(node: Node) -> str:
    type_ = node.field.type
    said = "object" if isinstance(type_, Record) else spell(type_)
    return f"{'required' if node.field.required else 'optional'} {said}"

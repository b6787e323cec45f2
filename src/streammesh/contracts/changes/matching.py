"""Which field of the old version is which of the new one, though it has another path.

Whatever has the same path is the same field, unless both have an `id` and not the same. Of the
others, a pair is taken on the first evidence that names it and no other; docs/compatibility.md has
the kinds of evidence in this order:

1. the same `id`
2. `synonyms` of the new field that name the old one, by its path or by its name
3. the same business name, or the same description, with the same type
4. an object, or a list of objects, with the same two or more fields, in the same place
5. the same name and type in another object
6. the only field gone from an object and the only one come, of the same type

What stands in a renamed or moved object keeps its place in it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass

import msgspec

from streammesh.contracts.changes.tree import Node, Tree
from streammesh.contracts.types import Array, Field, Map, Record, Type

Evidence = Callable[[Node, bool], Iterator[Hashable]]
"""Gives what speaks for a node of the old (True) or the new version."""


@dataclass(frozen=True)
class Matches:
    """Fields with another path.

    Attributes:
        named: (old path, new path) of those that were renamed or moved themselves.
        before: the old path of each new one that was there, in whatever place.
    """

    named: tuple[tuple[str, str], ...]
    before: dict[str, str]


def match(old: Tree, new: Tree) -> Matches:
    """Find the fields that were renamed or moved."""
    matching = _Matching(old, new)
    while matching.step():
        pass
    order = {path: at for at, path in enumerate(new.nodes)}
    named = sorted(matching.named, key=lambda pair: order[pair[1]])
    return Matches(tuple(named), matching.before)


def _kept(old: Tree, new: Tree) -> dict[str, str]:
    """Give the paths that are the same field in both: not those of two fields with two ids."""
    kept: dict[str, str] = {}
    for path, node in new.nodes.items():
        before = old.nodes.get(path)
        if before is not None and (not node.parent or node.parent in kept):
            ids = {one.said["id"] for one in (before, node) if one.said.get("id")}
            if len(ids) < 2:
                kept[path] = path
    return kept


class _Matching:
    def __init__(self, old: Tree, new: Tree) -> None:
        self._old, self._new = old, new
        self.before = _kept(old, new)
        self._gone = {path: one for path, one in old.nodes.items() if path not in self.before}
        self._come = {path: one for path, one in new.nodes.items() if path not in self.before}
        self.named: list[tuple[str, str]] = []
        self._after: dict[str, str] = {}
        self._all: tuple[Evidence, ...] = (
            _identity,
            self._synonym,
            self._business_name,
            self._description,
            self._structure,
            self._name,
            self._alone,
        )

    def step(self) -> bool:
        """Take the pairs of the first evidence that has some; False when none has."""
        return any(self._take(evidence) for evidence in self._all)

    def _take(self, evidence: Evidence) -> bool:
        gone, come = self._keyed(self._gone, evidence, True), self._keyed(self._come, evidence)
        pairs = [
            (gone[key][0], found[0])
            for key, found in come.items()
            if len(found) == 1 and len(gone.get(key, ())) == 1
        ]
        taken = [self._pair(*pair) for pair in sorted(pairs, key=lambda one: len(one[0].path))]
        return any(taken)

    def _keyed(
        self, nodes: dict[str, Node], evidence: Evidence, old: bool = False
    ) -> dict[Hashable, list[Node]]:
        found: dict[Hashable, list[Node]] = {}
        for one in nodes.values():
            for key in evidence(one, old):
                found.setdefault(key, []).append(one)
        return found

    def _pair(self, old: Node, new: Node) -> bool:
        """Take a pair, and all that has the same place in both, unless one is taken already."""
        if old.path not in self._gone or new.path not in self._come:
            return False
        self.named.append((old.path, new.path))
        for path in self._old.with_below(old.path):
            moved = new.path + path.removeprefix(old.path)
            if path in self._gone and moved in self._come:
                del self._gone[path], self._come[moved]
                self.before[moved], self._after[path] = path, moved
        return True

    def _parent(self, node: Node, old: bool) -> str:
        return self._after.get(node.parent, node.parent) if old else node.parent

    def _repeated(self, node: Node, old: bool) -> str:
        """Give the list or map that a field stands in, so that it is there as often as before."""
        end = max(node.path.rfind("[]"), node.path.rfind("{}"))
        outer = node.path[: end + 2] if end >= 0 else ""
        return self._after.get(outer, outer) if old else outer

    def _synonym(self, node: Node, old: bool) -> Iterator[Hashable]:
        if old:
            yield from dict.fromkeys((node.path, node.field.name)) if node.field.name else ()
            return
        for one in node.said.get("synonyms") or ():
            yield one["synonym"]

    def _business_name(self, node: Node, old: bool) -> Iterator[Hashable]:
        if (said := words(node.said.get("businessName"))) and node.field.name:
            yield said, _shape(node.field.type), self._repeated(node, old)

    def _description(self, node: Node, old: bool) -> Iterator[Hashable]:
        if (said := words(node.said.get("description"))) and node.field.name:
            yield said, _shape(node.field.type), self._repeated(node, old)

    def _structure(self, node: Node, old: bool) -> Iterator[Hashable]:
        type_ = node.field.type
        record = type_.items if isinstance(type_, Array) else type_
        if isinstance(record, Record) and len(record.fields) > 1 and node.field.name:
            yield _bare(type_), self._parent(node, old)

    def _name(self, node: Node, old: bool) -> Iterator[Hashable]:
        if node.field.name:
            yield node.field.name, _bare(node.field.type), self._repeated(node, old)

    def _alone(self, node: Node, old: bool) -> Iterator[Hashable]:
        """Give what speaks for the only field gone from an object, or come into it."""
        nodes = self._gone if old else self._come
        others = [one for one in nodes.values() if one.parent == node.parent]
        said = words(node.said.get("description"))
        if len(others) == 1 and node.field.name and not said:
            yield _bare(node.field.type), node.field.required, self._parent(node, old)


def _identity(node: Node, old: bool) -> Iterator[Hashable]:
    del old
    if node.said.get("id"):
        yield node.said["id"]


def words(text: object) -> tuple[str, ...]:
    """Give the words of a text: capitals, spaces and marks at a word's end say nothing."""
    plain = (one.strip(".,;:!?") for one in str(text or "").casefold().split())
    return tuple(one for one in plain if one)


def _shape(type_: Type) -> Hashable:
    """Give a type; of an object, a list or a map only that it is one."""
    return type(type_) if isinstance(type_, Record | Array | Map) else type_


def _bare(type_: Type) -> Type:
    """Give a type without descriptions, rules and defaults."""
    match type_:
        case Record(fields):
            bare = (Field(one.name, _bare(one.type), one.required) for one in fields)
            return Record(tuple(sorted(bare, key=lambda one: one.name)))
        case Array(items, required):
            return Array(_bare(items), required)
        case Map(values, required):
            return Map(_bare(values), required)
        case _:
            return msgspec.structs.replace(type_)

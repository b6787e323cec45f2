"""Equalities of columns: which tables they make unique, and how a change reaches the root."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import exp

from streammesh.contracts.types import Decimal, Integer, Json, Text, Type
from streammesh.models.compiled import Hop, Path
from streammesh.models.names import Names
from streammesh.models.scopes import Condition, Occurrence, Ref, Scope
from streammesh.models.storage import is_fast

_MOST_WORLDS = 64


class TooManyWorlds(Exception):
    """The unions of a model can be combined in too many ways."""


@dataclass(frozen=True)
class Link:
    """An equality that leads from a row of one occurrence to rows of another."""

    start: Ref
    end: Ref


@dataclass(frozen=True)
class Mismatch:
    """An equality whose stored values don't compare as the database compares its own."""

    left: Ref
    right: Ref
    node: exp.Expr


def stored_alike(left: Type | None, right: Type | None) -> bool:
    """Tell whether equal values of two types have equal state forms."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return left.scale == right.scale and is_fast(left) == is_fast(right)
    if isinstance(left, Json) or left is None or right is None:
        return False
    if isinstance(left, Integer | Text):
        return type(left) is type(right) or (_whole(left) and _whole(right))
    return left == right or (_whole(left) and _whole(right))


def _whole(kind: Type) -> bool:
    """Tell whether its numbers are kept as plain integers."""
    return isinstance(kind, Integer) or (
        isinstance(kind, Decimal) and kind.scale == 0 and is_fast(kind)
    )


def links(names: Names) -> tuple[list[Link], list[Mismatch]]:
    """Give every step from a table towards another, and the equalities that can't be one.

    Rows of a SELECT fulfil its conditions, so each of its tables can be followed along them, to
    its other tables and outwards. A LEFT JOIN's own conditions hold for the joined table's rows
    only: they are followed from that table.
    """
    found: list[Link] = []
    mismatches: list[Mismatch] = []
    for scope in names.scopes:
        for condition in scope.conditions:
            for left, right in _sides(names, scope, condition.node):
                for pair in itertools.product(_columns(left), _columns(right)):
                    one, other = pair
                    alike = stored_alike(one.column.type, other.column.type)
                    if not alike or one.column.folds or other.column.folds:
                        mismatches.append(Mismatch(one, other, condition.node))
                        continue
                    found += _directed(scope, condition, (left, right), pair)
    return found, mismatches


def _columns(ref: Ref) -> Iterator[Ref]:
    """Give the columns of tables that a column is; of a union, one for each of its SELECTs."""
    if not ref.occurrence.branches:
        yield ref
    for branch in ref.occurrence.branches:
        if ref.name in branch.plain:
            yield from _columns(branch.plain[ref.name])


def _sides(names: Names, scope: Scope, node: exp.Expr) -> Iterator[tuple[Ref, Ref]]:
    if isinstance(node, exp.EQ):
        left, right = node.left.unnest(), node.right.unnest()
        if isinstance(left, exp.Column) and isinstance(right, exp.Column):
            yield names.resolve(scope, left), names.resolve(scope, right)


def _directed(
    scope: Scope, condition: Condition, written: tuple[Ref, Ref], pair: tuple[Ref, Ref]
) -> Iterator[Link]:
    """Give the steps along an equality.

    Args:
        scope: the SELECT.
        condition: the equality.
        written: its columns as they are written, maybe of a union.
        pair: those of tables that they are.
    """
    starts = scope.occurrences if condition.owner is None else [condition.owner]
    for (start, end), (first, last) in zip(
        (written, written[::-1]), (pair, pair[::-1]), strict=True
    ):
        if start.occurrence in starts and start.occurrence is not end.occurrence:
            yield Link(first, last)


def never_joined(names: Names) -> dict[Occurrence, list[frozenset[Occurrence]]]:
    """Give tables that are joined by a column of a union which is NULL in some of its SELECTs.

    Returns:
        For each, the tables of those SELECTs: with rows of them it is never joined.
    """
    found: dict[Occurrence, list[frozenset[Occurrence]]] = {}
    for scope in names.scopes:
        for condition in scope.conditions:
            for pair in _sides(names, scope, condition.node):
                for ref, other in (pair, pair[::-1]):
                    table = other.occurrence
                    if condition.owner not in (None, table) or table not in scope.occurrences:
                        continue
                    for branch in ref.occurrence.branches:
                        if isinstance(branch.nodes.get(ref.name), exp.Null):
                            found.setdefault(table, []).append(_inside(names, branch.scope))
    return found


def worlds(names: Names) -> list[frozenset[Occurrence]]:
    """Give, for each choice of one SELECT of every union, the tables that are left out.

    A change has to be followed through each SELECT of a union that it can pass.
    """
    found: list[frozenset[Occurrence]] = [frozenset()]
    for union in (one for scope in names.scopes for one in scope.occurrences if one.branches):
        parts = [_inside(names, branch.scope) for branch in union.branches]
        left_out = [
            frozenset(one for other in parts if other is not part for one in other)
            for part in parts
        ]
        found = list(dict.fromkeys(one | more for one in found for more in left_out))
        if len(found) > _MOST_WORLDS:
            raise TooManyWorlds
    return found


def _inside(names: Names, scope: Scope) -> frozenset[Occurrence]:
    """Give the tables of a SELECT and of those within it."""
    return frozenset(
        one for each in names.scopes if scope in each.chain() for one in each.occurrences
    )


def path(start: Occurrence, root: Occurrence, steps: Sequence[Link]) -> Path | None:
    """Give the shortest way from an occurrence to the root; None when there is none."""
    came_from: dict[Occurrence, Occurrence] = {}
    waiting = deque([start])
    while waiting and root not in came_from:
        here = waiting.popleft()
        for link in steps:
            there = link.end.occurrence
            if link.start.occurrence is here and there is not start and there not in came_from:
                came_from[there] = here
                waiting.append(there)
    if root not in came_from:
        return None
    way = [root]
    while way[-1] is not start:
        way.append(came_from[way[-1]])
    way.reverse()
    hops = (_hop(a, b, steps) for a, b in pairwise(way))
    return Path(start.table.name, tuple(hops))


def _hop(start: Occurrence, end: Occurrence, steps: Iterable[Link]) -> Hop:
    pairs = dict.fromkeys(
        (link.start.name, link.end.name)
        for link in steps
        if link.start.occurrence is start and link.end.occurrence is end
    )
    return Hop(end.table.name, tuple(a for a, _ in pairs), tuple(b for _, b in pairs))


def undetermined(names: Names, scope: Scope, known: Iterable[Occurrence]) -> list[Occurrence]:
    """Give the tables of which a SELECT may find several rows, for one row of those known.

    A table is determined when equalities with known values cover its primary key or a unique
    constraint. When one is not, it is taken as known for the tables after it.
    """
    determined = scope.outer() | set(known)
    open_ones = [one for one in scope.occurrences if one not in determined]
    several: list[Occurrence] = []
    while open_ones:
        found = next((one for one in open_ones if _unique(names, scope, one, determined)), None)
        if found is None:
            found = open_ones[0]
            several.append(found)
        determined.add(found)
        open_ones.remove(found)
    return several


def _unique(
    names: Names, scope: Scope, occurrence: Occurrence, determined: set[Occurrence]
) -> bool:
    fixed = set(_fixed(names, scope, occurrence, determined))
    table = occurrence.table
    keys = (table.primary_key, *table.unique)
    return any(key and fixed.issuperset(key) for key in keys)


def _fixed(
    names: Names, scope: Scope, occurrence: Occurrence, determined: set[Occurrence]
) -> Iterator[str]:
    """Give the columns that equal something known."""
    for condition in scope.conditions:
        node = condition.node
        if not isinstance(node, exp.EQ) or condition.owner not in (None, occurrence):
            continue
        sides = (node.left.unnest(), node.right.unnest())
        for side, other in (sides, sides[::-1]):
            if not isinstance(side, exp.Column) or other.find(exp.Select):
                continue
            ref = names.resolve(scope, side)
            others = {names.resolve(scope, one) for one in other.find_all(exp.Column)}
            # where the database folds texts, one value may equal several that are unique
            folds = any(one.column.folds for one in (ref, *others))
            known_ones = {one.occurrence for one in others} <= determined
            if ref.occurrence is occurrence and known_ones and not folds:
                yield ref.name

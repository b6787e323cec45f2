"""What an expression of a model is: type, SQL for engine and database, origin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal as Decimal_

from sqlglot import exp

from streammesh.contracts.types import Decimal, Integer, Type
from streammesh.models.scopes import Ref
from streammesh.models.storage import is_fast

LIMIT = 2**63 - 1
"""The greatest integer that SQLite computes exactly; beyond it, it goes over to floats."""


@dataclass(frozen=True)
class Cause:
    """Why a value may be NULL.

    Attributes:
        said: in words.
        column: the column that may be NULL, when `coalesce` on it would help.
        joined: whether it is since a LEFT JOIN may find no row.
        empty: whether it is since there may be no rows to gather.
    """

    said: str
    column: exp.Column | None = None
    joined: bool = False
    empty: bool = False


@dataclass(frozen=True)
class Value:
    """An expression, compiled.

    Attributes:
        type: its type; None for a bare NULL.
        engine: SQLite over the state; gives the state form.
        database: PostgreSQL over the source; gives the database's own type.
        nulls: why it may be NULL; empty when it can't be.
        refs: the columns it is computed from.
        bound: for numbers in 64 bits, the greatest magnitude of the (scaled) integer; over
            `LIMIT` when SQLite may have gone over to a float, which the codec refuses.
        literal: the text of a text constant.
        parts: fields of an object.
        element: what a list holds.
        bare: `engine` for where a JSON value loses its mark as JSON anyhow.
        empty: whether it is `[]`, whose type is that of the list it meets.
        node: the expression, when it is a field of a document.
        constant: whether it is a number that is written in the model, with its value.
        first: of a list, how many of its elements are meant; None for all.
        terms: of a list, its order: (expression, what follows it) for engine and database.
        broken: whether an error about it is known already.
        printed: the database's type of which it is the text as printed, such as `inet`: it doesn't
            compare as the values do.
    """

    type: Type | None
    engine: str
    database: str
    nulls: tuple[Cause, ...] = ()
    refs: tuple[Ref, ...] = ()
    bound: int = 0
    literal: str | None = None
    parts: tuple[tuple[str, Value], ...] = ()
    element: Value | None = None
    bare: str | None = None
    empty: bool = False
    node: exp.Expr | None = field(default=None, compare=False, repr=False)
    constant: Decimal_ | None = None
    first: int | None = None
    terms: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = ()
    broken: bool = False
    printed: str = ""


BROKEN = Value(None, "NULL", "NULL", broken=True)
"""Stands for what is wrong, so that the rest can be looked at."""


def all_nulls(values: Iterable[Value]) -> tuple[Cause, ...]:
    """Give the causes of NULL of several values, each once."""
    return tuple(dict.fromkeys(cause for value in values for cause in value.nulls))


def all_refs(values: Iterable[Value]) -> tuple[Ref, ...]:
    """Give the columns of several values, each once."""
    return tuple(dict.fromkeys(ref for value in values for ref in value.refs))


def type_bound(kind: Type | None) -> int:
    """Give the greatest magnitude of a type's numbers in state form; 0 for others."""
    if isinstance(kind, Integer):
        return int(2 ** (kind.bits - 1)) if kind.bits < 64 else LIMIT
    if isinstance(kind, Decimal) and is_fast(kind):
        return int(10**kind.precision) - 1
    return 0

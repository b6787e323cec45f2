"""An operator or function with its arguments, and the entry that gives it its meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from streammesh.contracts.types import Type
from streammesh.models.literals import coerced
from streammesh.models.values import Value, all_nulls, all_refs, type_bound


class Unfit(Exception):
    """The meaning takes no such arguments; the text says what it takes, or how to write it."""


@dataclass(frozen=True)
class Call:
    """An operator or function with its arguments.

    Attributes:
        values: the arguments.
        exact: whether the result decides something (a condition, an order) and so must be exact
            even beyond 64 bits.
        options: words that are no values, such as the unit of `extract`.
        among: of an aggregate, its FILTER for engine and database.
        distinct: whether an aggregate takes each value once.
        order: of an aggregate, its ORDER BY for engine and database.
    """

    values: tuple[Value, ...]
    exact: bool = False
    options: tuple[str, ...] = ()
    among: tuple[str, str] = ("", "")
    distinct: bool = False
    order: tuple[str, str] = ("", "")

    def gather(self, function: str, value: str, side: int) -> str:
        """Give an aggregate's SQL.

        Args:
            function: its name.
            value: what it gathers.
            side: 0 for the engine, 1 for the database.
        """
        each = "DISTINCT " if self.distinct else ""
        return f"{function}({each}{value}{self.order[side]}){self.among[side]}"

    def result(self, kind: Type | None, engine: str, database: str, bound: int = 0) -> Value:
        """Give a result that is NULL when an argument is."""
        nulls, refs = all_nulls(self.values), all_refs(self.values)
        return Value(kind, engine, database, nulls, refs, bound or type_bound(kind))


@dataclass(frozen=True)
class Meaning:
    """One operator or function.

    Attributes:
        written: how it is written, as in the docs.
        compute: from arguments to result; raises Unfit.
        arguments: what it takes, in words.
        result: what it gives, in words.
        note: what else a reader must know.
    """

    written: str
    compute: Callable[[Call], Value]
    arguments: str
    result: str
    note: str = ""


def constant(value: Value, least: int, greatest: int, said: str) -> int:
    """Give a whole number that is written in the model.

    Raises:
        Unfit: when the argument is none, or out of bounds.
    """
    number = value.constant
    if number is None or number != int(number) or not least <= number <= greatest:
        raise Unfit(f"{said} is a whole number from {least} to {greatest}, written in the model")
    return int(number)


def alike(left: Value, right: Value) -> tuple[Value, Value]:
    """Read a text constant as the date, time or UUID that it is compared with."""
    if type(left.type) is type(right.type):
        return left, right
    return coerced(left, right.type) or left, coerced(right, left.type) or right

"""Which table and column a name in a model means, and which rows a condition leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from streammesh.models.tables import Column, Table


@dataclass(eq=False)
class Occurrence:
    """A table at one place of a model; the same table elsewhere is another occurrence.

    Attributes:
        table: the table.
        written: what the model calls it there.
        alias: what the printed SQL calls it, unique in the model.
        node: its place.
        optional: whether a LEFT JOIN may find no row of it.
        branches: the SELECTs whose rows it has, when it is a UNION ALL; none of a table.
    """

    table: Table
    written: str
    alias: str
    node: exp.Expr
    optional: bool = False
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class Condition:
    """A part of a WHERE or ON that must hold.

    Attributes:
        node: the condition, without ANDs around it.
        owner: the occurrence that a LEFT JOIN makes it a condition of; None when rows for which
            it doesn't hold are dropped.
    """

    node: exp.Expr
    owner: Occurrence | None


@dataclass(frozen=True)
class Ref:
    """A column of an occurrence."""

    occurrence: Occurrence
    name: str

    @property
    def column(self) -> Column:
        """The column."""
        found = self.occurrence.table.column(self.name)
        if found is None:
            raise LookupError(self.name)
        return found


@dataclass(eq=False)
class Branch:
    """One SELECT of a UNION ALL.

    Attributes:
        scope: its tables and conditions.
        nodes: what each column of the union is in it.
        refs: the columns of tables that each is made of.
        plain: those that are columns of tables as they are.
    """

    scope: Scope
    nodes: dict[str, exp.Expr] = field(default_factory=dict)
    refs: dict[str, tuple[Ref, ...]] = field(default_factory=dict)
    plain: dict[str, Ref] = field(default_factory=dict)


@dataclass(eq=False)
class Derived:
    """A SELECT in FROM, or one that WITH names: its tables become those of the SELECT around it.

    Attributes:
        written: what the model calls it there.
        node: its place.
        columns: what each of its columns stands for; None where an error is known about it.
    """

    written: str
    node: exp.Expr
    columns: dict[str, exp.Expr | None] = field(default_factory=dict)


def forget(derived: Derived) -> None:
    """Let its columns mean nothing: an error is known about them."""
    derived.columns = dict.fromkeys(derived.columns)


Named = Occurrence | Derived
"""What can have a name in FROM."""

Meant = Ref | exp.Expr
"""What a name of a column means: a column, or an expression of a derived table."""

_HOME = "home"


def home_of(node: exp.Expr) -> int:
    """Give the number of the space in which a node was written; 0 for the model itself."""
    return int(node.meta.get(_HOME, 0))


def settle(tree: exp.Expr, home: int) -> None:
    """Note in which space all names of a tree were written."""
    for node in tree.walk():
        if isinstance(node, exp.Column | exp.Table | exp.Query):
            node.meta[_HOME] = home


@dataclass(eq=False)
class Space:
    """The names in FROM of one SELECT as it is written.

    What stands in FROM of another SELECT becomes a part of it, and their names stay apart.

    Attributes:
        named: tables and derived tables, in the order written.
        merged: whose column it is that JOIN … USING makes one, by its name in lower case.
        unknown: names of tables, in lower case, about which an error is known.
    """

    named: list[Named] = field(default_factory=list)
    merged: dict[str, Named] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Scope:
    """One SELECT: its tables, its conditions, and the SELECT around it.

    Attributes:
        select: the SELECT.
        parent: the scope around it; None for the model's own.
        occurrences: its tables in the order written.
        conditions: its conditions.
        not_null: columns that its conditions keep from being NULL.
        spaces: the names of its tables: its own, and those of what stands in its FROM.
        doubtful: whether an error is known about its tables or conditions.
        asserted: conditions that are not in its text (`a IN (SELECT b …)` asserts `b = a`).
    """

    select: exp.Select
    parent: Scope | None
    occurrences: list[Occurrence] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    not_null: set[Ref] = field(default_factory=set)
    spaces: dict[int, Space] = field(default_factory=dict)
    doubtful: bool = False
    asserted: list[exp.Expr] = field(default_factory=list)

    def space(self, home: int) -> Space:
        """Give the space of that number, a new one at first."""
        return self.spaces.setdefault(home, Space())

    def chain(self) -> Iterator[Scope]:
        """Give this scope and those around it, from the inside."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def outer(self) -> set[Occurrence]:
        """Give the tables of the scopes around it."""
        around = (scope.occurrences for scope in self.chain() if scope is not self)
        return {one for occurrences in around for one in occurrences}

    def never_null(self, ref: Ref) -> bool:
        """Tell whether a column can't be NULL where this scope's expressions are computed."""
        if any(ref in scope.not_null for scope in self.chain()):
            return True
        return not ref.occurrence.optional and not ref.column.nullable


def conjuncts(node: exp.Expr | None) -> Iterator[exp.Expr]:
    """Give the parts of a condition that are joined by AND."""
    if node is None:
        return
    bare = node
    while isinstance(bare, exp.Paren):  # not the brackets of a sub-select
        bare = bare.this
    if isinstance(bare, exp.And):
        yield from conjuncts(bare.this)
        yield from conjuncts(bare.expression)
    else:
        yield bare


def rejecting_null(node: exp.Expr) -> Iterator[exp.Column]:
    """Give the columns that are not NULL in rows for which a condition holds."""
    if isinstance(node, exp.EQ | exp.NEQ | exp.LT | exp.LTE | exp.GT | exp.GTE):
        sides = (node.left.unnest(), node.right.unnest())
        yield from (side for side in sides if isinstance(side, exp.Column))
    elif isinstance(node, exp.Not):
        inner = node.this.unnest()
        tested = inner.this.unnest() if isinstance(inner, exp.Is) else None
        if isinstance(tested, exp.Column) and isinstance(inner.expression, exp.Null):
            yield tested
    elif isinstance(node, exp.In | exp.Between) and isinstance(node.this.unnest(), exp.Column):
        yield node.this.unnest()

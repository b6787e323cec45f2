"""What a model computes, field by field, in a form that says the same of the same SQL.

Two models are compared as they are written: names of tables' aliases, white space, comments, the
order of joins and of conditions, and the sides of `=` say nothing; everything else does. So what
differs here may still compute the same, and what is the same here computes the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from streammesh.documents.values import ModelFile
from streammesh.errors import Location
from streammesh.models.parsing import parse_model, selects_of
from streammesh.models.positions import ModelText


@dataclass(frozen=True)
class Said:
    """A part of a model.

    Attributes:
        form: its SQL in the form that is compared.
        text: as written, on one line.
        where: its place.
    """

    form: str
    text: str
    where: Location


@dataclass(frozen=True)
class Computation:
    """What a SELECT of a model computes.

    Attributes:
        rows: what decides which documents there are: the root, joins that drop rows, conditions.
        fields: how each field is computed, by its path in lower case; of a list also which
            elements it has.
        orders: the order of lists' elements, by the list's path in lower case.
    """

    rows: tuple[Said, ...]
    fields: dict[str, Said]
    orders: dict[str, Said]


def computations(model: ModelFile) -> tuple[Computation, ...]:
    """Read what a model computes, a SELECT of a UNION ALL after the other.

    Raises:
        ModelError: when it is no model.
    """
    text, tree = parse_model(model)
    copies = [one.copy() for one in selects_of(tree)]
    named = [cte.this.copy() for cte in text.withs]
    for one in (*copies, *named):
        _rename(one)
    names = [one.alias_or_name.lower() for one in copies[0].expressions]
    return tuple(_Reader(text, named, names).read(one) for one in copies)


class _Reader:
    def __init__(self, text: ModelText, named: list[exp.Expr], names: list[str]) -> None:
        self._text, self._named, self._names = text, named, names
        self._fields: dict[str, Said] = {}
        self._orders: dict[str, Said] = {}

    def read(self, select: exp.Select) -> Computation:
        self._fields, self._orders = {}, {}
        for name, one in zip(self._names, select.expressions, strict=False):
            self._field(name, one)
        rows = [self._said(one) for one in (*_deciding(select), *self._named)]
        return Computation(tuple(rows), self._fields, self._orders)

    def _said(self, node: exp.Expr, *others: exp.Expr) -> Said:
        forms = sorted({*map(_form, others), *map(_link, _joined(node))})
        written = " ".join(self._text.source(node).split())
        return Said(" | ".join((_form(node), *forms)), written, self._text.location(node))

    def _field(self, path: str, node: exp.Expr, *others: exp.Expr) -> None:
        node = node.unalias().unnest()
        inner = _only_field(node)
        if isinstance(node, exp.Coalesce) and _is_list(node.this):
            self._field(path, node.this, *node.expressions)
        elif isinstance(node, exp.Struct) and all(map(_is_named, node.expressions)):
            for one in node.expressions:
                self._field(f"{path}.{one.name.lower()}", one.expression)
        elif isinstance(inner, exp.ArrayAgg):
            select = None if inner is node else inner.parent_select
            parts = [*(_deciding(select) if select else ()), *others]
            unprinted = " ".join(_unprinted(inner))
            if parts or unprinted:
                said = self._said(*(parts or [inner]))
                form = f"{unprinted} {said.form if parts else ''}"
                self._fields[path] = replace(said, form=form)
            self._list(path, inner.this)
        else:
            self._fields[path] = self._said(node)

    def _list(self, path: str, held: exp.Expr) -> None:
        if isinstance(held, exp.Order):
            forms = [_form(one) for one in held.expressions]
            first = self._said(held.expressions[0])
            written = ", ".join(self._ordered(one) for one in held.expressions)
            self._orders[path] = Said(", ".join(forms), written, first.where)
            held = held.this
        self._field(f"{path}[]", held)

    def _ordered(self, node: exp.Expr) -> str:
        written = " ".join(self._text.source(node).split())
        return f"{written} DESC" if node.args.get("desc") else written


def _is_named(node: exp.Expr) -> bool:
    return isinstance(node, exp.PropertyEQ)


def _is_list(node: exp.Expr) -> bool:
    return isinstance(_only_field(node.unnest()), exp.ArrayAgg)


def _only_field(node: exp.Expr) -> exp.Expr | None:
    """Give what a sub-select gives, when it has nothing but FROM and WHERE; or a list itself."""
    if isinstance(node, exp.ArrayAgg):
        return node
    if isinstance(node, exp.Subquery):
        node = node.unnest()
    if not isinstance(node, exp.Select) or len(node.expressions) != 1:
        return None
    plain = {"expressions", "from_", "joins", "where"}
    if any(value for name, value in node.args.items() if name not in plain):
        return None
    found: exp.Expr = node.expressions[0].unalias()
    return found


def _deciding(select: exp.Select) -> Iterator[exp.Expr]:
    """Give what decides which rows a SELECT has: LEFT JOINs don't, each finds one row at most."""
    if first := select.args.get("from_"):
        yield first.this
    for join in select.args.get("joins") or ():
        if join.side != "LEFT":
            yield join
    if where := select.args.get("where"):
        yield from _conditions(where.this)


def _conditions(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.And):
        yield from _conditions(node.left)
        yield from _conditions(node.right)
    elif isinstance(node, exp.Paren) and isinstance(node.this, exp.And):
        yield from _conditions(node.this)
    else:
        yield node.unnest()


def _link(join: exp.Expr) -> str:
    """Give how a join finds its row, whatever becomes of rows that find none."""
    copy = join.copy()
    for name in ("side", "kind"):
        copy.set(name, None)
    return _form(copy)


def _form(node: exp.Expr) -> str:
    copy = node.copy()
    for one in list(copy.find_all(exp.EQ)):
        left, right = sorted((one.left, one.right), key=lambda side: side.sql("duckdb"))
        one.set("this", left)
        one.set("expression", right)
    unprinted = [each for one in copy.walk() for each in _unprinted(one)]
    return " ".join((copy.sql("duckdb", comments=False), *unprinted))


def _unprinted(node: exp.Expr) -> list[str]:
    """Give what `respell` says of a node in words of its own, which no SQL shows."""
    known = node.arg_types
    return [f"{name}={value}" for name, value in node.args.items() if name not in known and value]


def _joined(node: exp.Expr) -> list[exp.Expr]:
    """Give the joins around a part of a model whose tables it reads, and those that they need."""
    found: dict[int, exp.Expr] = {}
    waiting = list(node.find_all(exp.Column))
    while waiting:
        column = waiting.pop()
        join = _join_of(column)
        if join is not None and id(join) not in found and not _is_within(join, node):
            found[id(join)] = join
            waiting += list(join.find_all(exp.Column))
    return list(found.values())


def _is_within(node: exp.Expr, outer: exp.Expr) -> bool:
    at: exp.Expr | None = node
    while at is not None and at is not outer:
        at = at.parent
    return at is outer


def _join_of(column: exp.Expr) -> exp.Expr | None:
    """Give the join that a column's table is joined by, None for a root's."""
    select = column.parent_select
    while select is not None:
        for join in select.args.get("joins") or ():
            if join.this.alias_or_name == column.text("table"):
                found: exp.Expr = join
                return found
        select = select.parent_select
    return None


def _rename(tree: exp.Expr) -> None:
    """Give each table the alias that it has by its own name, and by how deep its SELECT stands."""
    for one in tree.find_all(exp.Identifier):
        if not one.args.get("quoted"):
            one.set("this", one.this.lower())
    aliases = {id(one): _aliases(one) for one in tree.find_all(exp.Select)}
    columns = [(one, _alias_of(one, aliases)) for one in tree.find_all(exp.Column)]
    for column, alias in columns:
        if alias is not None:
            _set_table(column, alias)
    for select in list(tree.find_all(exp.Select)):
        for source in _sources(select):
            alias = aliases[id(select)].get(source.alias_or_name)
            said = source.args.get("alias") or exp.TableAlias()
            said.set("this", exp.to_identifier(alias, quoted=True))
            source.set("alias", said)


def _set_table(column: exp.Expr, alias: str) -> None:
    identifier = column.args.get("table")
    if identifier is None:
        column.set("table", exp.to_identifier(alias, quoted=True))
        return
    identifier.set("this", alias)
    identifier.set("quoted", True)


def _sources(select: exp.Expr) -> list[exp.Expr]:
    first = select.args.get("from_")
    joins = select.args.get("joins") or ()
    return [*([first.this] if first else []), *(one.this for one in joins)]


def _aliases(select: exp.Expr) -> dict[str, str]:
    depth, above = 0, select.parent_select
    while above is not None:
        depth, above = depth + 1, above.parent_select
    found: dict[str, str] = {}
    for source in _sources(select):
        alone = f"{depth}.{source.name or 'select'}"
        count = sum(one.rpartition("#")[0] == alone for one in found.values())
        found[source.alias_or_name] = f"{alone}#{count}"
    return found


def _alias_of(column: exp.Expr, aliases: dict[int, dict[str, str]]) -> str | None:
    """Give the new alias of a column's table; of one without, where there is one table only."""
    select = column.parent_select
    written = column.text("table")
    if not written:
        known = aliases[id(select)] if select is not None else {}
        alone = select is not None and select.parent_select is None and len(known) == 1
        return next(iter(known.values())) if alone else None
    while select is not None:
        if written in aliases[id(select)]:
            return aliases[id(select)][written]
        select = select.parent_select
    return None

"""From the names in a model to the tables of its domain's sources."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from streammesh.documents.names import sql_name
from streammesh.documents.values import Source
from streammesh.errors.models import (
    AmbiguousTable,
    NotATable,
    SeveralSources,
    UnknownSource,
    UnknownTable,
    UnlistedProduct,
)
from streammesh.models.positions import ModelText
from streammesh.models.tables import Table
from streammesh.models.withs import tables_written

MESH = "mesh"
"""What the name of a product begins with in a model."""


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Give the known name that a mistyped one was probably meant to be.

    Args:
        name: as written.
        known: the names that there are.
        cutoff: how alike they must be, from 0 to 1.
    """
    by_lower = {one.lower(): one for one in known}
    found = difflib.get_close_matches(name.lower()[:200], list(by_lower), n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else None


def source_of(text: ModelText, tree: exp.Expr, sources: Sequence[Source]) -> Source:
    """Give the one source that a model reads.

    Raises:
        ModelError: when it names an unknown source, or two.
    """
    found: Source | None = None
    for node in tables_written(text, tree):
        source = source_of_table(text, node, sources)
        if found is not None and source != found:
            raise _several(text, node, found, source)
        found = source
    if found is None:
        fix = "begin with FROM <source>.<table>"
        raise NotATable(said=text.source(tree), where=text.location(tree), fix=fix)
    return found


def _several(text: ModelText, node: exp.Table, first: Source, second: Source) -> SeveralSources:
    where, fix = text.location(node), None
    if first.products and second.products:
        fix = f"list all that the model reads in one source: {first.where.file}"
    elif first.products or second.products:
        database = second if first.products else first
        fix = f"publish what is needed of {database.name} as a product, and read that"
    return SeveralSources(first=first.name, second=second.name, where=where, fix=fix)


def source_of_table(text: ModelText, node: exp.Table, sources: Sequence[Source]) -> Source:
    """Give the source that a name in FROM or JOIN begins with.

    Raises:
        ModelError: when there is none of that name.
    """
    parts = [part.name for part in node.parts]
    if parts[0].lower() == MESH:
        return _source_of_product(text, node, parts[1:], sources)
    known = {sql_name(source.name): source for source in sources if not source.products}
    if len(parts) not in (2, 3) or not isinstance(node.this, exp.Identifier):
        fix = None
        if len(parts) == 1 and len(known) == 1:
            fix = f"write {next(iter(known))}.{parts[0]}"
        raise NotATable(said=text.source(node), where=text.location(node), fix=fix)
    source = known.get(parts[0].lower())
    if source is None:
        _refuse_as_table(text, node, parts, sources)
        near = nearest(parts[0], known)
        domain = sources[0].domain if sources else "?"
        fix = f"its sources: {', '.join(sorted(known)) or 'none'}"
        if near:
            fix = f"write {near}"
        elif len(known) == 1:
            (name,) = known
            schemas = {table.schema for table in known[name].tables}
            meant = parts if parts[0] in schemas or len(parts) > 2 else parts[1:]
            fix = f"begin with the source: {name}.{'.'.join(meant)}"
        where = text.location(node)
        raise UnknownSource(domain=domain, name=parts[0], where=where, fix=fix)
    return source


def _source_of_product(
    text: ModelText, node: exp.Table, parts: Sequence[str], sources: Sequence[Source]
) -> Source:
    """Give the source that lists a product, `mesh.<domain>.<product>`."""
    where, wanted = text.location(node), ".".join(parts)
    if len(parts) not in (2, 3):
        fix = "write mesh.<domain>.<product>, or mesh.<domain>.<product>.<port>"
        raise NotATable(said=".".join([MESH, *parts]), where=where, fix=fix)
    of_products = [source for source in sources if source.products]
    for source in of_products:
        if wanted.lower() in (str(one) for one in source.tables):
            return source
    listed = [str(one) for source in of_products for one in source.tables]
    near, domain = nearest(wanted, listed), sources[0].domain if sources else "<domain>"
    place = of_products[0].where.file if of_products else f"domains/{domain}/sources/"
    fix = f"list it in `products` of a source: {place}"
    if near:
        fix = f"write {MESH}.{near}, or {fix[:1].lower()}{fix[1:]}"
    raise UnlistedProduct(domain=domain, name=wanted, where=where, fix=fix)


def _refuse_as_table(
    text: ModelText, node: exp.Table, parts: Sequence[str], sources: Sequence[Source]
) -> None:
    """Refuse a product that is written like a table of the source that lists it."""
    of = next((one for one in sources if sql_name(one.name) == parts[0].lower()), None)
    if of is not None:
        fix = f"write {' or '.join(f'{MESH}.{one}' for one in of.tables[:3])}"
        raise NotATable(said=".".join(parts), where=text.location(node), fix=fix)


def find_table(
    text: ModelText, node: exp.Table, source: Source, tables: Mapping[str, Table]
) -> Table:
    """Give the table that a name in FROM or JOIN means.

    Args:
        text: the model.
        node: the name, `<source>.<table>` or `<source>.<schema>.<table>`.
        source: the source.
        tables: its tables by `schema.name`.

    Raises:
        ModelError: when there is none, or several of that name.
    """
    parts = [part.name for part in node.parts][1:]
    wanted = ".".join(parts)
    found = [table for name, table in tables.items() if _matches(name, wanted)]
    if len(found) > 1:
        # names that differ in the case of letters only
        exact = [one for one in found if wanted in (one.name.name, str(one.name))]
        found = exact or found
    if len(found) == 1:
        return found[0]
    where = text.location(node)
    if found:
        schemas = " or ".join(f"{sql_name(source.name)}.{_quoted(one)}" for one in found)
        raise AmbiguousTable(source=source.name, name=wanted, where=where, fix=f"write {schemas}")
    near = nearest(wanted, [_matched(name, wanted) for name in tables])
    fix = f"add it to `tables` in {source.where.file}"
    if near:
        fix = f"write {sql_name(source.name)}.{near}, or {fix}"
    raise UnknownTable(source=source.name, name=wanted, where=where, fix=fix)


def _matched(name: str, wanted: str) -> str:
    """Give the part of `schema.name` that is written: with its schema, or without."""
    return name if "." in wanted else name.partition(".")[2]


def _matches(name: str, wanted: str) -> bool:
    return _matched(name, wanted).lower() == wanted.lower()


def _quoted(table: Table) -> str:
    parts = (table.name.schema, table.name.name)
    plain = re.compile(r"[a-z_][a-z0-9_]*\Z")
    return ".".join(part if plain.match(part) else f'"{part}"' for part in parts)

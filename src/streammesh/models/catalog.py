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
)
from streammesh.models.positions import ModelText
from streammesh.models.tables import Table
from streammesh.models.withs import tables_written


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
            where = text.location(node)
            raise SeveralSources(first=found.name, second=source.name, where=where)
        found = source
    if found is None:
        fix = "begin with FROM <source>.<table>"
        raise NotATable(said=text.source(tree), where=text.location(tree), fix=fix)
    return found


def source_of_table(text: ModelText, node: exp.Table, sources: Sequence[Source]) -> Source:
    """Give the source that a name in FROM or JOIN begins with.

    Raises:
        ModelError: when there is none of that name.
    """
    parts = [part.name for part in node.parts]
    known = {sql_name(source.name): source for source in sources}
    if len(parts) not in (2, 3) or not isinstance(node.this, exp.Identifier):
        fix = None
        if len(parts) == 1 and len(known) == 1:
            fix = f"write {next(iter(known))}.{parts[0]}"
        raise NotATable(said=text.source(node), where=text.location(node), fix=fix)
    if parts[0] == "mesh":
        why = "Models over other products come in a later version."
        raise NotATable(said=".".join(parts), where=text.location(node), why=why)
    source = known.get(parts[0].lower())
    if source is None:
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

"""From the names in a model to the tables of its domain's sources."""

from __future__ import annotations

import difflib
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


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Give the known name that a mistyped one was probably meant to be."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def source_of(text: ModelText, tree: exp.Expr, sources: Sequence[Source]) -> Source:
    """Give the one source that a model reads.

    Raises:
        ModelError: when it names an unknown source, or two.
    """
    found: Source | None = None
    for node in tree.find_all(exp.Table):
        source = _source(text, node, sources)
        if found is not None and source != found:
            where = text.location(node)
            raise SeveralSources(first=found.name, second=source.name, where=where)
        found = source
    if found is None:
        fix = "begin with FROM <source>.<table>"
        raise NotATable(said=text.source(tree), where=text.location(tree), fix=fix)
    return found


def _source(text: ModelText, node: exp.Table, sources: Sequence[Source]) -> Source:
    parts = [part.name for part in node.parts]
    if len(parts) not in (2, 3) or not isinstance(node.this, exp.Identifier):
        raise NotATable(said=text.source(node), where=text.location(node))
    if parts[0] == "mesh":
        why = "Models over other products come in a later version."
        raise NotATable(said=".".join(parts), where=text.location(node), why=why)
    known = {sql_name(source.name): source for source in sources}
    source = known.get(parts[0].lower())
    if source is None:
        near = nearest(parts[0], known)
        domain = sources[0].domain if sources else "?"
        fix = f"write {near}" if near else f"its sources: {', '.join(sorted(known)) or 'none'}"
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
    if len(found) == 1:
        return found[0]
    where = text.location(node)
    if found:
        schemas = " or ".join(f"{sql_name(source.name)}.{one.name}" for one in found)
        raise AmbiguousTable(source=source.name, name=wanted, where=where, fix=f"write {schemas}")
    near = nearest(wanted, [name.partition(".")[2] for name in tables])
    fix = f"add it to `tables` in {source.where.file}"
    if near:
        fix = f"write {sql_name(source.name)}.{near}"
    raise UnknownTable(source=source.name, name=wanted, where=where, fix=fix)


def _matches(name: str, wanted: str) -> bool:
    if "." not in wanted:
        name = name.partition(".")[2]
    return name.lower() == wanted.lower()

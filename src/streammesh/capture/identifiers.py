"""Names as SQL text, for statements that a person shall run."""

from __future__ import annotations

import re

from streammesh.documents.values import TableName

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")

# PostgreSQL 18's reserved words, with those that may name a type or function only
_RESERVED = frozenset(
    # ruff: noqa: SIM905 - a hundred quoted words would be read by nobody
    """all analyse analyze and any array as asc asymmetric authorization binary both case cast check
    collate collation column concurrently constraint create cross current_catalog current_date
    current_role current_schema current_time current_timestamp current_user default deferrable desc
    distinct do else end except false fetch for foreign freeze from full grant group having ilike in
    initially inner intersect into is isnull join lateral leading left like limit localtime
    localtimestamp natural none not notnull null offset on only or order outer overlaps placing
    primary references returning right select session_user similar some symmetric
    system_user table tablesample then to trailing true union unique user using variadic verbose
    when where window with""".split()
)


def quoted(name: str | TableName) -> str:
    """Give a name as it is written in SQL, in quotes only where it needs them."""
    if isinstance(name, TableName):
        return f"{quoted(name.schema)}.{quoted(name.name)}"
    plain = _PLAIN.match(name) and name not in _RESERVED
    return name if plain else '"' + name.replace('"', '""') + '"'

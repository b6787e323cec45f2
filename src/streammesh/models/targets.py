"""The types that CAST is written with."""

from __future__ import annotations

import re

from sqlglot import exp

from streammesh.contracts.types import Array, Json, Text, Type
from streammesh.errors.models import CastTarget
from streammesh.models.positions import ModelText
from streammesh.models.postgres_types import column_type, only_column

_BEFORE = r"\s*\)*\s*(?:as\b|::)\s*"
_LENGTH = re.compile(
    _BEFORE + r"((?:varchar|character varying|character|char|bpchar)\s*\(\s*(\d+)\s*\))", re.I
)
_BARE = re.compile(_BEFORE + r"(numeric|decimal|dec)\b(?!\s*\()", re.I)
_FLOATS = ("double precision", "real", "float", "float8", "float4")


def cast_target(text: ModelText, node: exp.Cast) -> Type:
    """Give the type that a CAST is to.

    Raises:
        CastTarget: when models have no such type, or its size is not what it seems.
    """
    where = text.location(node)
    tail = text.file.text[text.span(node.this)[1] :][:80]
    written = node.to.sql("postgres").lower()
    if (found := _LENGTH.match(tail)) is not None:
        fix = f"write left(…, {found[2]}), or CAST(… AS TEXT)"
        why = "PostgreSQL cuts the text there, other databases don't."
        raise CastTarget(said=found[1], where=where, why=why, fix=fix)
    if (bare := _BARE.match(tail)) is not None and node.to.this == exp.DataType.Type.DECIMAL:
        fix = "write the digits and decimals: decimal(18,2)"
        raise CastTarget(said=bare[1], where=where, why="It has no one size.", fix=fix)
    target = column_type(written)
    if target is None or isinstance(target, Json | Array) or only_column(written):
        fix = "an exact number: decimal(18,2)" if written in _FLOATS else "docs/models.md, Casts"
        raise CastTarget(said=written, where=where, fix=fix)
    return Text() if isinstance(target, Text) else target

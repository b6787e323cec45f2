"""What contracts say, as rows: authors of policies never read JSON. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import msgspec

from streammesh.catalog.flattening import flat_fields
from streammesh.contracts.changes.sla import promised
from streammesh.documents.values import StreamOptions

Said = Mapping[str, Any]

_DEFAULTS = asdict(StreamOptions())


def stream_options(contract: Said) -> Mapping[str, Any]:
    """Give what the custom property `stream` says, with the defaults of what it doesn't say."""
    said = next(
        (
            one.get("value")
            for one in contract.get("customProperties") or ()
            if one.get("property") == "stream"
        ),
        None,
    )
    return {**_DEFAULTS, **said} if isinstance(said, dict) else _DEFAULTS


def promises(contract: Said) -> Iterator[tuple[str, str, str, float | None, int]]:
    """Give each service level: property, value, unit, seconds, and whether it is endless.

    Seconds are None where the value is no time, or has no end.
    """
    for one in contract.get("slaProperties") or ():
        value, unit = promised(one)
        endless = value == math.inf
        seconds = float(value) if unit == "s" and not endless else None
        said = "" if one.get("value") is None else str(one["value"])
        name, given = str(one.get("property") or ""), str(one.get("unit") or "")
        yield name, said, given, seconds, int(endless)


def quality_rules(contract: Said) -> Iterator[tuple[str, str, str, str, str, str]]:
    """Give each rule: field, kind, what it checks, dimension, severity, description."""
    for schema in (contract.get("schema") or ())[:1]:
        yield from _rules("", schema)
    for one in flat_fields(contract):
        said, path = one.said, one.path
        yield from _rules(path, said)
        while isinstance(said.get("items"), dict):
            said, path = said["items"], f"{path}[]"
            yield from _rules(path, said)


def _rules(path: str, said: Said) -> Iterator[tuple[str, str, str, str, str, str]]:
    for one in said.get("quality") or ():
        what = one.get("metric") or one.get("rule") or one.get("query") or ""
        names = ("dimension", "severity", "description")
        dimension, severity, description = (str(one.get(name) or "") for name in names)
        kind = str(one.get("type") or "library")
        yield path, kind, str(what), dimension, severity, description


def first_support(support: str) -> tuple[str, str]:
    """Give channel and address of the first way to get help; JSON in."""
    for one in msgspec.json.decode(support) or ():
        if isinstance(one, dict):
            return str(one.get("channel") or ""), str(one.get("url") or "")
    return "", ""

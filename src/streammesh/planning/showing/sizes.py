"""How large documents get, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streammesh.planning.showing.layout import Row, many
from streammesh.planning.sizes.values import Document, Largest, Sizes

FAN_OUTS = 3
"""How many tables are told of one by one."""

MANY = 100
"""In how many documents a row is for that, but for the one that is in most."""


def rows_of(sizes: Sizes | None) -> Iterator[Row]:
    """Show the longest lists, and the rows that most documents share; nothing for None."""
    if sizes is None:
        return
    unknown = [one for one in (*sizes.of("list"), *sizes.of("fan-out")) if one.count < 0]
    lists = sizes.of("list")
    shared = sizes.of("fan-out")
    if len(unknown) > 1 and len({one.reason for one in unknown}) == 1:
        # one reason for all of them, such as a missing right, is told once
        tables = ", ".join(dict.fromkeys(str(one.table) for one in unknown))
        words = f"rows of {tables}: could not be found out ({unknown[0].reason})"
        yield Row(" ", "sizes", words=words)
        lists = tuple(one for one in lists if one.count >= 0)
        shared = tuple(one for one in shared if one.count >= 0)
    for one in lists:
        yield Row(" ", "largest", words=_list(one, sizes.document))
    told = [one for place, one in enumerate(shared) if _alone(place, one)]
    yield from (Row(" ", "fan-out", words=_fan_out(one)) for one in told)
    yield from _others([one for one in shared if one not in told])


def _alone(place: int, one: Largest) -> bool:
    return place == 0 or one.count < 0 or (place < FAN_OUTS and one.count >= MANY)


def _others(rest: Sequence[Largest]) -> Iterator[Row]:
    if rest:
        tables = " or ".join(str(one.table) for one in rest)
        most = rest[0].count
        number = many(most, "document") if most > 1 else "one document"
        words = f"no row of {tables} is in more than {number}"
        yield Row(" ", "fan-out", words=words)


def _list(one: Largest, document: Document | None) -> str:
    where = f"{one.table}" + (f" in `{one.field}`" if one.field else "")
    if one.count < 0:
        return f"the most rows of {where}: could not be found out ({one.reason})"
    if one.count == 0:
        return f"no row of {where} yet"
    about = "" if one.exact else "about "
    rows = "row" if one.count == 1 else "rows"
    which = f" (document {', '.join(one.key)})" if one.key else ""
    size = ""
    if document is not None and document.key == one.key:
        size = f", {document.size:,} bytes as JSON"
    anew = "; written anew at each change of one of them" if one.count > 1 else ""
    return f"{about}{one.count:,} {rows} of {where}{which}{size}{anew}"


def _fan_out(one: Largest) -> str:
    if one.count < 0:
        return f"documents that share a row of {one.table}: could not be found out ({one.reason})"
    if one.count <= 1:
        return f"no row of {one.table} is in more than one document"
    about = "" if one.exact else "about "
    row = f"{one.table} {', '.join(one.key)}" if one.key else f"one row of {one.table}"
    return f"{row} is in {about}{one.count:,} documents: a change of it publishes them all"

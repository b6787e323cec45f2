"""Lines of a plan: symbol, kind, name, words and place, aligned; colour is only an addition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from streammesh.errors.copied import broken, copied
from streammesh.errors.visible import visible

WIDTH = 100
"""No line is wider, but one that is a single word."""

NARROW = 60
"""A terminal that is narrower gets lines of this width."""

_MARGIN, _GAP = 4, 2
_PLACE_GAP = 3


@dataclass(frozen=True)
class Row:
    """One thing that a plan shows.

    Attributes:
        symbol: "+", "~", "-", "!", "✗" or " ".
        kind: what it is about; empty for a sentence, which then takes the whole line.
        subject: its name; empty when the words say it.
        words: what becomes of it.
        place: where the files say so, such as `orders.v1.odcs.yaml:34:11`; empty for nowhere.
        more: lines under it, each with its first word, such as ("affects", "consumers of …").
        under: the same for lines that need the whole width; their first words form a column.
    """

    symbol: str
    kind: str = ""
    subject: str = ""
    words: str = ""
    place: str = ""
    more: tuple[tuple[str, str], ...] = ()
    under: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Columns:
    """Where the columns of some rows begin, and how far the lines go."""

    kind: int
    subject: int
    place: int
    width: int

    @property
    def words(self) -> int:
        """Where the words begin when a name stands before them."""
        return self.kind + (self.subject + _GAP if self.subject else 0)


def columns(rows: Sequence[Row], width: int) -> Columns:
    """Find the columns that suit these rows."""
    kinds = [len(one.kind) for one in rows if one.kind]
    subjects = [len(one.subject) for one in rows if one.kind and one.subject]
    start = _MARGIN + max(kinds, default=0) + _GAP
    most = (width - start) * 2 // 5
    fitting = [one for one in subjects if one <= most]
    place = _place_column(rows, width)
    return Columns(start, max(fitting, default=0), place, width)


def _place_column(rows: Sequence[Row], width: int) -> int:
    placed = [len(one.words) for one in rows if one.place and one.kind]
    return max((one for one in placed if one <= width // 3), default=0)


def lines(rows: Sequence[Row], width: int, *, colour: bool = False) -> Iterator[str]:
    """Give the lines of some rows that stand together."""
    said = [_said(row) for row in rows]
    where = columns(said, width)
    for row in said:
        yield from _row(row, where, colour)
        yield from _under(row, where)


def _said(row: Row) -> Row:
    """Give a row as a terminal may show it, its commands ready to be copied."""
    return replace(
        row,
        subject=_one_line(row.subject),
        words=visible(copied(row.words)),
        place=_one_line(row.place),
        more=tuple((name, visible(copied(words))) for name, words in row.more),
        under=tuple((name, visible(copied(words))) for name, words in row.under),
    )


def _one_line(text: str) -> str:
    return " ".join(visible(text).splitlines())


def _row(row: Row, where: Columns, colour: bool) -> Iterator[str]:
    mark = _coloured(row.symbol, colour)
    if not row.kind:
        first, *rest = _filled(_MARGIN, row.words, row.place, where)
        yield f"  {mark} {first}"
        yield from _indented(rest, _MARGIN)
        yield from _more(row, _MARGIN, where)
        return
    head = f"  {mark} {row.kind:<{where.kind - _MARGIN}}"
    start = where.words if row.subject else where.kind
    if not row.subject:
        filled = _filled(start, row.words, row.place, where)
        yield (head + (filled[0] if filled else "")).rstrip()
        yield from _indented(filled[1:], start)
    elif len(row.subject) <= where.subject:
        filled = _filled(start, row.words, row.place, where)
        subject = f"{row.subject:<{where.subject + _GAP}}"
        yield (head + subject + (filled[0] if filled else "")).rstrip()
        yield from _indented(filled[1:], start)
    else:
        start = where.kind + _GAP
        yield head + row.subject
        yield from _indented(_filled(start, row.words, row.place, where), start)
    yield from _more(row, start, where)


def _filled(start: int, words: str, place: str, where: Columns) -> list[str]:
    """Break the words into lines; the place stands behind the last, or under it."""
    room = max(20, where.width - start)
    found = _broken(words, room)
    if not place:
        return found
    last = found[-1] if found else ""
    if len(found) == 1 and where.place + _PLACE_GAP + len(place) <= room:
        last = f"{last:<{where.place}}"
    if last.strip() and len(last) + _PLACE_GAP + len(place) <= room:
        return [*found[:-1], f"{last}{' ' * _PLACE_GAP}{place}"]
    return [*found, place]


def _more(row: Row, start: int, where: Columns) -> Iterator[str]:
    for name, words in row.more:
        indent = " " * (start + len(name) + 1)
        first, *rest = _broken(words, max(20, where.width - len(indent))) or [""]
        yield f"{' ' * start}{name} {first}".rstrip()
        yield from (indent + line for line in rest)


def _under(row: Row, where: Columns) -> Iterator[str]:
    label = max((len(name) for name, _ in row.under), default=0)
    start = _MARGIN + _GAP + label + _GAP
    before = ""
    for name, words in row.under:
        told = "" if name == before else name
        first, *rest = _broken(words, max(20, where.width - start)) or [""]
        yield f"{' ' * (_MARGIN + _GAP)}{told:<{label}}{' ' * _GAP}{first}".rstrip()
        yield from _indented(rest, start)
        before = name


def paragraph(words: str, width: int, indent: int = 0) -> Iterator[str]:
    """Give text in lines, those after the first indented."""
    first, *rest = _broken(visible(copied(words)), width) or [""]
    yield first
    if rest:
        yield from _indented(_broken(" ".join(rest), width - indent), indent)


def _broken(words: str, room: int) -> list[str]:
    return [line for paragraph in words.splitlines() for line in broken(paragraph, room)]


def _indented(lines: Iterable[str], start: int) -> Iterator[str]:
    return (" " * start + line for line in lines)


_COLOURS = {"+": "32", "~": "33", "-": "31", "!": "35", "✗": "1;31"}


def _coloured(symbol: str, colour: bool) -> str:
    code = _COLOURS.get(symbol)
    return f"\x1b[{code}m{symbol}\x1b[0m" if colour and code else symbol


def bold(words: str, *, colour: bool) -> str:
    """Give words in bold where colour may be used."""
    said = _one_line(words)
    return f"\x1b[1m{said}\x1b[0m" if colour else said


def many(number: int, noun: str) -> str:
    """Give `1 topic`, `1,200 topics`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

"""What a check of a migration found, as a person reads it and as a program does."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator

from streammesh.capture.migrations.effects import Verdict
from streammesh.errors.copied import copied
from streammesh.errors.visible import visible
from streammesh.planning.migrations.values import Impact, Judged, Judgement

WORDS = {
    Verdict.BREAKS: "breaks",
    Verdict.CHANGES: "changes",
    Verdict.UNJUDGED: "unjudged",
    Verdict.HARMLESS: "harmless",
}
"""What a verdict is called."""

_COLOURS = {Verdict.BREAKS: "31", Verdict.CHANGES: "33", Verdict.UNJUDGED: "35"}
_START = 12


def text(found: Judgement, *, width: int, colour: bool = False) -> str:
    """Give what a person reads.

    Args:
        found: what was found.
        width: of the lines; a word that is longer stands out.
        colour: whether verdicts are coloured.
    """
    lines = [line for one in found.statements for line in _statement(one, width, colour)]
    lines += [line for one in found.notes for line in _wrapped(f"note: {one}", width, 0, 6)]
    if found.read_anew:
        lines += _then(found, width)
    if found.unseen:
        lines += _wrapped(_snapshot(found), width, 0, 6)
    lines += _wrapped(summary(found), width, 0, 6)
    return "\n".join(lines)


def summary(found: Judgement) -> str:
    """Give how many statements there are of each verdict."""
    counts = Counter(one.verdict for one in found.statements)
    if not counts:
        return f"{found.file} changes nothing of {found.source}"
    count = sum(counts.values())
    kind = "statement" if any(one.where for one in found.statements) else "table"
    told = ", ".join(f"{counts[one]:,} {_AS_COUNT[one]}" for one in WORDS if counts[one])
    return f"{count:,} {kind}{'' if count == 1 else 's'} on {found.source}: {told}"


_AS_COUNT = {
    Verdict.BREAKS: "breaking",
    Verdict.CHANGES: "changing values",
    Verdict.UNJUDGED: "not judged",
    Verdict.HARMLESS: "harmless",
}


def _statement(one: Judged, width: int, colour: bool) -> Iterator[str]:
    place = "" if one.where is None else f"{one.where}   "
    said = visible(place + " ".join(one.text.split()))
    yield said if len(said) <= width else f"{said[: width - 2].rstrip()} …"
    if not one.impacts:
        yield f"  {_verdict(Verdict.HARMLESS, colour)}".rstrip()
    for impact in one.impacts:
        yield from _impact(impact, width, colour)


def _verdict(verdict: Verdict, colour: bool) -> str:
    word = f"{WORDS[verdict]:<{_START - 2}}"
    return f"\x1b[{_COLOURS[verdict]}m{word}\x1b[0m" if colour and verdict in _COLOURS else word


def _impact(one: Impact, width: int, colour: bool) -> Iterator[str]:
    place = f"   ({one.place})" if one.place else ""
    who = f"{one.who}   " if one.who else ""
    body = _wrapped(f"{who}{one.what}{place}", width, _START, _START)
    first = next(body)
    yield f"  {_verdict(one.verdict, colour)}{first[_START:]}"
    yield from body
    for word, said in (("fix", one.fix), ("owner", one.owner), ("relied on", _relied(one))):
        if said:
            lines = _wrapped(" ".join(said.split()), width, _START, _START)
            yield f"  {word:<{_START - 2}}{next(lines)[_START:]}"
            yield from lines


def _relied(one: Impact) -> str:
    count = len(one.consumers)
    if not count:
        return ""
    return f"by {count} consumer{'' if count == 1 else 's'}: {', '.join(one.consumers)}"


def _then(found: Judgement, width: int) -> Iterator[str]:
    words = f"then: `mesh apply` reads {', '.join(found.read_anew)} anew"
    if found.waiting:
        words += f"; until it is run, {', '.join(found.waiting)} wait"
        words += "s" if len(found.waiting) == 1 else ""
    return _wrapped(words, width, 0, 6)


def _snapshot(found: Judgement) -> str:
    tables = ", ".join(found.unseen)
    return (
        f"then: `mesh apply --new-snapshot {found.source}`, since nothing else tells it of {tables}"
    )


def _wrapped(words: str, width: int, first: int, others: int) -> Iterator[str]:
    lines = textwrap.wrap(
        visible(copied(words)),
        width,
        initial_indent=" " * first,
        subsequent_indent=" " * others,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return iter(lines or [" " * first])


def as_dict(found: Judgement) -> dict[str, object]:
    """Give what `--json` prints."""
    return {
        "format": 1,
        "file": found.file,
        "source": found.source,
        "breaks": found.breaks,
        "statements": [
            {
                "where": None if one.where is None else str(one.where),
                "text": one.text,
                "verdict": WORDS[one.verdict],
                "impacts": [_impact_as_dict(each) for each in one.impacts],
            }
            for one in found.statements
        ],
        "read_anew": list(found.read_anew),
        "waiting": list(found.waiting),
        "unseen": list(found.unseen),
        "notes": list(found.notes),
    }


def _impact_as_dict(one: Impact) -> dict[str, object]:
    return {
        "verdict": WORDS[one.verdict],
        "who": one.who,
        "what": one.what,
        "field": one.field,
        "place": None if one.place is None else str(one.place),
        "fix": one.fix,
        "owner": one.owner,
        "consumers": list(one.consumers),
    }

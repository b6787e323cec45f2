"""What changes for consumers, as rows of a plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from streammesh.contracts.changes.change import Change
from streammesh.contracts.changes.kinds import Kind, Meaning, Registry
from streammesh.planning.showing.consumers import others, relying
from streammesh.planning.showing.layout import Row, many
from streammesh.planning.showing.rows import place
from streammesh.planning.weighing.changing import ChangedVersion, PlannedChange

LONGEST = 80
"""Characters of what was said before and is said now; the files have all of it."""

_KINDS = {"SIZE": "type", "DECIMAL": "type", "MADE": "field", "ENUM": "values", "SLA": "SLA"}
"""What a change is about, where its kind's first word would say too little."""

_SYMBOLS = {
    Kind.FIELD_ADDED_OPTIONAL: "+",
    Kind.FIELD_ADDED_REQUIRED: "+",
    Kind.FIELD_REMOVED_OPTIONAL: "-",
    Kind.FIELD_REMOVED_REQUIRED: "-",
}
_NAMED = {Kind.FIELD_RENAMED: "renamed", Kind.FIELD_MOVED: "moved"}


def rows_of(changed: ChangedVersion | None, now: datetime) -> Iterator[Row]:
    """Show the changes of a version, whom each concerns, and how many consumers there are.

    Args:
        changed: nothing is shown of None.
        now: with a time zone.
    """
    if changed is None:
        return
    yield from (_row(one, now) for one in changed.changes)
    count = len(changed.consumers)
    if changed.meaning is Meaning.COMPATIBLE:
        words = f"{count:,}, none affected" if count else "none known"
        yield Row(" ", "consumers", words=words)


def heading(changed: ChangedVersion, *, impossible: bool) -> str:
    """Give what stands beside a version's name: its number, and what becomes of it.

    Args:
        changed: the version.
        impossible: whether something else than its consumers stops a breaking change of it.
    """
    after = changed.port.version
    number = after if after == changed.before else f"{changed.before} → {after}"
    word = changed.meaning.value
    if changed.meaning is Meaning.BREAKING:
        relied_on = any(one.breaking and one.relied_on_by for one in changed.changes)
        word = "breaking" if relied_on else "breaking, but nobody relies on it"
        word = "BREAKING" if changed.gated or impossible else word
    return f"{number}   {word}"


def counted(changed: ChangedVersion) -> str:
    """Say how many changes of each meaning there are."""
    found = {
        meaning: sum(one.change.meaning is meaning for one in changed.changes)
        for meaning in reversed(Meaning)
    }
    return ", ".join(many(count, f"{one.value} change") for one, count in found.items() if count)


def _row(planned: PlannedChange, now: datetime) -> Row:
    change = planned.change
    first = change.kind.name.partition("_")[0]
    kind = _KINDS.get(first, first.lower())
    symbol, where = _SYMBOLS.get(change.kind, "~"), place(change.where)
    under = tuple(_under(planned, now))
    if change.kind in _NAMED:
        subject = f"{change.before} → {change.after}"
        return Row(symbol, kind, subject, _NAMED[change.kind], where, under=under)
    return Row(symbol, kind, change.path, _values(change), where, under=under)


def _values(change: Change) -> str:
    before, after = _short(change.before), _short(change.after)
    if before and after:
        return f"{before} → {after}"
    if change.kind in _SYMBOLS:
        return before or after
    return f"now {after}" if after else f"was {before}"


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 2].rstrip()} …"


def _under(planned: PlannedChange, now: datetime) -> Iterator[tuple[str, str]]:
    change = planned.change
    if change.meaning is Meaning.COMPATIBLE:
        return
    silent = "; no schema shows it" if _silent(change) else ""
    label = "breaking" if planned.breaking else "with care"
    yield label, f"{change.why}{silent}"
    lines = list(relying(planned.relied_on_by, now))
    yield from (("relied on by", one) for one in lines or ["nobody that is known"])
    yield from (("not affected", one) for one in others(planned.not_affected))


def _silent(change: Change) -> bool:
    row = change.kind.row
    return row.meaning is Meaning.BREAKING and row.registry is Registry.SILENT

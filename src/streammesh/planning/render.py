"""Show a plan: as text for people, as plain values for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TypeVar

from streammesh.errors.rendering import render as render_error
from streammesh.planning.findings import Note
from streammesh.planning.owner import Owner
from streammesh.planning.plan import Plan
from streammesh.planning.steps.base import Change, Step

WIDTH = 100


def text(plan: Plan, *, colour: bool = False) -> str:
    """Give the plan as a person reads it, at most 100 characters wide.

    Args:
        plan: what to show.
        colour: add ANSI colours; the words are the same without.
    """
    if plan.empty and not plan.notes:
        return f"nothing to do: {plan.environment} is what the files say"
    notes, steps = _by_owner(plan.notes), _by_owner(plan.steps)
    groups = (
        "\n".join(_group(plan, owner, notes.get(owner, ()), steps.get(owner, ()), colour))
        for owner in plan.owners
    )
    problems = [render_error(one, colour=colour) for one in plan.problems]
    return "\n\n".join((*groups, *problems, summary(plan)))


def summary(plan: Plan) -> str:
    """Give the last line: how much would be done, and what to do next."""
    if plan.problems:
        count = len(plan.problems)
        things = "1 problem stops" if count == 1 else f"{count} problems stop"
        return f"{things} this plan. Nothing was changed."
    if not plan.steps:
        return f"nothing to do: {plan.environment} is what the files say"
    change, add, remove = (plan.count(one) for one in (Change.CHANGE, Change.ADD, Change.REMOVE))
    return f"{change:,} to change, {add:,} to add, {remove:,} to remove."


def as_dict(plan: Plan) -> dict[str, object]:
    """Give the plan for `--json`."""
    return {
        "mesh": plan.mesh,
        "environment": plan.environment,
        "to_change": plan.count(Change.CHANGE),
        "to_add": plan.count(Change.ADD),
        "to_remove": plan.count(Change.REMOVE),
        "steps": [step_as_dict(one) for one in plan.steps],
        "notes": [_note_as_dict(one) for one in plan.notes],
        "problems": [one.as_dict() for one in plan.problems],
    }


def step_as_dict(step: Step) -> dict[str, object]:
    """Give a step for `--json`."""
    return {
        "for": step.owner.label,
        "change": step.change.name.lower(),
        "kind": step.kind,
        "name": step.subject,
        "what": step.title,
        "detail": step.detail,
        "why": step.why,
        "affects": step.affects or None,
        "undo": step.undo,
    }


def _note_as_dict(note: Note) -> dict[str, object]:
    return {
        "for": note.owner.label,
        "symbol": note.symbol.strip() or None,
        "text": note.text,
        "where": None if note.where is None else str(note.where),
    }


Owned = TypeVar("Owned", Note, Step)


def _by_owner(items: Iterable[Owned]) -> dict[Owner, list[Owned]]:
    groups: dict[Owner, list[Owned]] = {}
    for one in items:
        groups.setdefault(one.owner, []).append(one)
    return groups


def _group(
    plan: Plan, owner: Owner, notes: Iterable[Note], steps: Iterable[Step], colour: bool
) -> Iterator[str]:
    heading = plan.headings.get(owner.key, "")
    yield _bold(owner.label, colour) + (f"   {heading}" if heading else "")
    for note in notes:
        yield from _note(note, colour)
    for step in steps:
        yield from _step(step, colour)


def _note(note: Note, colour: bool) -> Iterator[str]:
    where = "" if note.where is None else f"   {_short(str(note.where))}"
    yield from _wrapped(note.symbol, note.text + where, 4, colour)


def _short(place: str) -> str:
    return place.rpartition("/")[2]


def _step(step: Step, colour: bool) -> Iterator[str]:
    head = f"{step.kind:<12} {step.subject}"
    detail = step.detail
    if detail and len(head) + len(detail) + 7 <= WIDTH:
        yield from _wrapped(step.change.value, f"{head}   {detail}", 17, colour)
    else:
        yield from _wrapped(step.change.value, head, 17, colour)
        yield from _indented(detail)
    if step.affects:
        yield from _indented(f"affects: {step.affects}")


def _wrapped(symbol: str, words: str, indent: int, colour: bool) -> Iterator[str]:
    first, *rest = textwrap.wrap(
        words,
        WIDTH,
        initial_indent=" " * 4,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
    yield f"  {_coloured(symbol, colour)} {first.lstrip()}"
    yield from rest


def _indented(words: str) -> Iterator[str]:
    yield from textwrap.wrap(
        words,
        WIDTH,
        initial_indent=" " * 17,
        subsequent_indent=" " * 17,
        break_long_words=False,
        break_on_hyphens=False,
    )


_COLOURS = {"+": "32", "~": "33", "-": "31", "!": "35"}


def _coloured(symbol: str, colour: bool) -> str:
    code = _COLOURS.get(symbol)
    return f"\x1b[{code}m{symbol}\x1b[0m" if colour and code else symbol


def _bold(words: str, colour: bool) -> str:
    return f"\x1b[1m{words}\x1b[0m" if colour else words

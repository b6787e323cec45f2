"""Show a plan as text for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from streammesh.errors.rendering import render as render_error
from streammesh.planning.findings import Note
from streammesh.planning.owner import Owner
from streammesh.planning.plan import Plan
from streammesh.planning.showing.changes import rows_of
from streammesh.planning.showing.layout import NARROW, WIDTH, Row, bold, lines, many, paragraph
from streammesh.planning.showing.rates import about
from streammesh.planning.showing.rows import short, stopped, verbose, what
from streammesh.planning.steps.base import TAKE_OUT, Change, Step

LONG = 4
"""A plan of so many sources and products is long."""


def text(
    plan: Plan,
    *,
    colour: bool = False,
    width: int = WIDTH,
    every_step: bool = False,
    now: datetime | None = None,
) -> str:
    """Give the plan as a person reads it.

    Args:
        plan: what to show.
        colour: add ANSI colours; the words are the same without.
        width: of the terminal; lines are never wider than 100 characters.
        every_step: show each step with its reason, instead of counting the small ones.
        now: with a time zone; the present when None.
    """
    width = min(WIDTH, max(NARROW, width))
    groups = tuple(
        "\n".join((_head(owner, heading, colour=colour), *lines(rows, width, colour=colour)))
        for owner, heading, rows in shown(plan, now or datetime.now(UTC), every_step=every_step)
    )
    told = {id(one) for errors in plan.stopped.values() for one in errors}
    problems = [render_error(one, colour=colour) for one in plan.problems if id(one) not in told]
    end = "\n".join(_end(plan, width, every_step=every_step))
    return "\n\n".join((*groups, *problems, end))


def _head(owner: Owner, heading: str, *, colour: bool) -> str:
    return bold(owner.label, colour=colour) + (f"   {heading}" if heading else "")


def shown(
    plan: Plan, now: datetime, *, every_step: bool
) -> Iterator[tuple[Owner, str, Sequence[Row]]]:
    """Give what is shown of each source and product, with what stands beside its name.

    Args:
        plan: what to show.
        now: with a time zone.
        every_step: each step, instead of counting the small ones.
    """
    notes, steps = _by_owner(plan.notes), _by_owner(plan.steps)
    show = verbose if every_step else short
    for owner in plan.owners:
        told = [
            one for one in notes.get(owner, ()) if every_step or owner in steps or not one.standing
        ]
        rows = [
            *rows_of(plan.changes.get(owner.key), now),
            *show(told, steps.get(owner, ()), plan.sizes.get(owner.key)),
            *stopped(plan.stopped.get(owner.key, ()), owner.label),
        ]
        if rows:
            yield owner, plan.headings.get(owner.key, ""), rows


def summary(plan: Plan) -> str:
    """Give one line: how much would be done, or why nothing is."""
    if plan.problems:
        count = len(plan.problems)
        things = "1 problem stops" if count == 1 else f"{count:,} problems stop"
        return f"{things} this plan. Nothing was changed."
    if not plan.steps:
        return f"nothing to do: {plan.environment} is what the files say"
    change, add, remove = (plan.count(one) for one in (Change.CHANGE, Change.ADD, Change.REMOVE))
    return f"{change:,} to change, {add:,} to add, {remove:,} to remove."


def _end(plan: Plan, width: int, *, every_step: bool) -> Iterator[str]:
    hidden = not every_step and any(one.counted is not None for one in plan.steps)
    hint = f"   `-v` shows {'all ' if len(plan.steps) > 1 else ''}{many(len(plan.steps), 'step')}."
    if plan.problems:
        yield from _stopped(plan, width)
        yield summary(plan)
        return
    yield summary(plan) + (hint if hidden else "")
    work = _work(plan)
    if work:
        yield from paragraph(f"Then the engine (`mesh run`) {work}.", width, 2)
    if every_step and any(one.undo == TAKE_OUT for one in plan.steps):
        yield f"Where no `undo` is said: {TAKE_OUT}."
    final = [one for one in plan.steps if not one.reversible]
    if final:
        yield from paragraph(f"Can't be undone: {_named(final)}.", width, 2)


def _named(steps: Sequence[Step]) -> str:
    """Name steps, or count those of one kind where there are many."""
    if len(steps) <= FINAL:
        return ", ".join(one.title for one in steps)
    counts = Counter(one.verb for one in steps)
    return ", ".join(f"{verb}, {number:,} of them" for verb, number in counts.items())


STOPPED_SHOWN = FINAL = 10


def _stopped(plan: Plan, width: int) -> Iterator[str]:
    """Name again what was shown beside its source or product: a long plan has scrolled away."""
    if len(plan.owners) < LONG:
        return
    labels = {one.key: one.label for one in plan.owners}
    told = [(labels[key], one) for key, errors in plan.stopped.items() for one in errors]
    for label, one in told[:STOPPED_SHOWN]:
        yield from paragraph(f"  ✗ {label}: {what(one, label)}", width, 4)
    if told[STOPPED_SHOWN:]:
        yield f"  ✗ and {len(told) - STOPPED_SHOWN:,} more"


def _work(plan: Plan) -> str:
    """Say what begins when the plan has been applied, and how long it takes."""
    rows, documents = plan.rows, plan.documents
    parts = [f"reads about {many(rows, 'row')}"] if rows > 0 else []
    parts += [f"publishes about {many(documents, 'document')}"] if documents > 0 else []
    if not plan.estimated:
        known = f"{' and '.join(parts)}, and " if parts else ""
        return f"{known}reads and publishes what the database can't estimate before an ANALYZE"
    return f"{' and '.join(parts)}: {about(plan.seconds)}" if parts else ""


Owned = TypeVar("Owned", Note, Step)


def _by_owner(items: Iterable[Owned]) -> dict[Owner, list[Owned]]:
    groups: dict[Owner, list[Owned]] = {}
    for one in items:
        groups.setdefault(one.owner, []).append(one)
    return groups

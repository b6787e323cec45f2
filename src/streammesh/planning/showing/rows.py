"""What a plan shows of one source or product: in short, or step by step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from streammesh.errors import Location, MeshError
from streammesh.errors.planning import BreakingChangeGated
from streammesh.planning.findings import Note
from streammesh.planning.showing.layout import Row, many
from streammesh.planning.showing.sizes import rows_of
from streammesh.planning.sizes.values import Sizes
from streammesh.planning.steps.base import TAKE_OUT, Change, Step


def short(notes: Sequence[Note], steps: Sequence[Step], sizes: Sizes | None) -> Iterator[Row]:
    """Show what matters to people; users, rights, schemas and the like are counted."""
    yield from (_note(one) for one in notes if one.kind and not one.warns)
    yield from (_brief(one) for one in sorted(steps, key=_weight) if one.counted is None)
    yield from _counted(steps)
    yield from rows_of(sizes)
    yield from (_note(one) for one in notes if not one.kind or one.warns)


def verbose(notes: Sequence[Note], steps: Sequence[Step], sizes: Sizes | None) -> Iterator[Row]:
    """Show every step by its own name: what it does and why, who notices, how it is undone."""
    yield from (_note(one) for one in notes if one.kind and not one.warns)
    yield from (_whole(one) for one in steps)
    yield from rows_of(sizes)
    yield from (_note(one) for one in notes if not one.kind or one.warns)


_WEIGHTS = ("documents", "tables", "products", "engine", "snapshot", "database")


def _weight(step: Step) -> int:
    """Rank a step by what people ask first: their documents, then what is done for them."""
    if step.brief is None:
        return len(_WEIGHTS)
    return _WEIGHTS.index(step.brief[0])


def stopped(problems: Iterable[MeshError], label: str) -> Iterator[Row]:
    """Show what stops the source or product of that label, and the way out."""
    for one in problems:
        by_policy = isinstance(one, BreakingChangeGated)
        why = "" if by_policy else one.why or ""  # the changes stand above it
        said = tuple(filter(_said, (("why:", why), ("fix:", one.fix or ""))))
        words = what(one, label) if by_policy else f"stopped: {what(one, label)}"
        yield Row("✗", words=words, place=place(one.where), more=said)


def what(error: MeshError, label: str) -> str:
    """Say what is wrong, without the label where it stands already."""
    return error.what.removeprefix(f"{label}: ")


def _said(line: tuple[str, str]) -> bool:
    return bool(line[1])


def place(where: Location | None) -> str:
    """Give a place by the file's name alone: what it is about says in which folder it is.

    `mesh.toml of github.com/acme/mesh` stays whole: the slashes are those of the repository.
    """
    text = "" if where is None else str(where)
    return text if " of " in text else text.rpartition("/")[2]


def _note(note: Note) -> Row:
    return Row(note.symbol, note.kind, note.subject, note.text, place(note.where))


def _brief(step: Step) -> Row:
    affects = (("affects:", step.affects),) if step.affects else ()
    if step.change is Change.REMOVE and step.reversible and step.undo != TAKE_OUT:
        affects = (*affects, ("undo:", step.undo))
    if step.brief is None:
        return Row(step.change.value, step.kind, step.subject, step.detail, more=affects)
    kind, words = step.brief
    return Row(step.change.value, kind, words=words, more=affects)


def _whole(step: Step) -> Row:
    undo = "" if step.undo == TAKE_OUT else step.undo
    more = (("why:", step.why), ("affects:", step.affects), ("undo:", undo))
    return Row(
        step.change.value,
        step.kind,
        step.subject,
        step.detail,
        place(step.where),
        tuple(filter(_said, more)),
    )


_NOUNS = (
    *("user", "connector", "topic", "schema", "access right", "record"),
    *("claim", "catalog record"),
)


def _counted(steps: Iterable[Step]) -> Iterator[Row]:
    totals: dict[Change, dict[str, int]] = {}
    for step in steps:
        if step.counted is not None:
            noun, number = step.counted
            counts = totals.setdefault(step.change, {})
            counts[noun] = counts.get(noun, 0) + number
    for change, counts in totals.items():
        nouns = sorted(counts, key=_NOUNS.index)
        words = ", ".join(many(counts[noun], noun) for noun in nouns)
        yield Row(change.value, "with it", words=words)

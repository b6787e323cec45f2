"""Who is in the way of a version that is to be retired; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from streammesh.catalog.consumers import Consumer
from streammesh.catalog.notices import ACKNOWLEDGED, OBJECTED, Recipient, Told
from streammesh.planning.lifecycle.windows import Windows

UNSEEN = "whoever never said so"
"""Who is in the way where nobody can look at who reads."""

LAST_DAY = "until "
"""Before the last day, while it is promised to whoever nobody knows."""


@dataclass(frozen=True)
class Left:
    """A consumer that is in the way.

    Attributes:
        name: `<domain>/<subscription>`, or what is known of one that nobody declared.
        why: in a few words.
        contact: how to reach its people, in one line; empty when nobody knows.
        moved: whether it has lost its access already, so that only its program is in the way.
    """

    name: str
    why: str
    contact: str = ""
    moved: bool = False

    @property
    def day(self) -> str:
        """The last day, ISO 8601, where that is in the way and no consumer; empty otherwise."""
        return self.name.removeprefix(LAST_DAY) if self.name.startswith(LAST_DAY) else ""

    def __str__(self) -> str:
        """Give one line."""
        return "   ".join(filter(None, (self.name, self.why, self.contact)))


def table(some: Sequence[Left]) -> Iterator[str]:
    """Give a line for each, in columns."""
    names = max((len(one.name) for one in some), default=0)
    words = max((len(one.why) for one in some), default=0)
    for one in some:
        yield f"{one.name:<{names}}   {one.why:<{words}}   {one.contact}".rstrip()


def unseen(why: str) -> tuple[Left, ...]:
    """Give who may be in the way where use could not be looked at.

    Args:
        why: in words; empty where it could.
    """
    return (Left(UNSEEN, f"may read it: {why}"),) if why else ()


def promised(until: str, today: date) -> tuple[Left, ...]:
    """Give the last day, where it is not past: who reads once a month goes by it.

    Args:
        until: ISO 8601; empty where none was announced.
        today: the day.
    """
    if not until or until < today.isoformat():
        return ()
    return (Left(f"{LAST_DAY}{until}", "is promised, also to those whom nobody knows"),)


def left(
    consumers: Iterable[Consumer],
    gone: Collection[str],
    told: Told | None,
    today: date,
    windows: Windows,
) -> tuple[Left, ...]:
    """Give who still needs a version.

    That is who declares it, whatever the day; who was seen using it lately, but before its access
    to it ended; and, before its last day, who uses it without saying so, and so can't acknowledge
    the notice: not one whose groups are gone, or were empty for long.

    Args:
        consumers: of the version, as the catalog knows them.
        gone: names of those whose subscriptions have moved or ended in the files, or were refused
            access: they need no version.
        told: the version's newest notice; None when there was none.
        today: the day.
        windows: what counts as lately.
    """
    ended = told is not None and bool(told.notice.until) and told.notice.until < today.isoformat()
    answers = {one.consumer: one for one in told.recipients} if told else {}
    return tuple(
        Left(_name(one), why, _contact(one, answers.get(one.former)), bool(one.former))
        for one in consumers
        if not one.gone
        for why in (
            _declared(one, answers.get(one.name))
            if one.name and one.name not in gone
            else _undeclared(one, windows, today, ended=ended),
        )
        if why
    )


def _name(one: Consumer) -> str:
    return one.name or one.former or one.consumer or one.principal


def _declared(one: Consumer, answer: Recipient | None) -> str:
    read = f"read it on {one.last_seen[:10]}" if one.seen else ""
    does = "makes products of it" if one.is_source else "subscribes to it"
    return "; ".join(filter(None, (does, _answered(answer), read)))


def _undeclared(one: Consumer, windows: Windows, today: date, *, ended: bool) -> str:
    """Say why one is in the way that has moved, or never said that it reads the version."""
    seen = one.last_seen[:10]
    if one.former and one.active:
        return "has no access any more, but is connected"
    if seen and seen >= windows.lately(today):
        return f"read it on {seen}"
    if one.name or ended or _over(one, windows, today):
        return ""
    return f"nobody declared it{f', read it on {seen}' if seen else ''}"


def _over(one: Consumer, windows: Windows, today: date) -> bool:
    """Tell whether nobody reads so any more: its groups are gone, or empty since long ago."""
    gone = bool(one.groups) and not any(each.standing for each in one.groups)
    return gone or (one.seen and one.last_seen[:10] < windows.forgotten(today))


def _answered(answer: Recipient | None) -> str:
    if answer is None:
        return "was never told"
    if answer.answer == OBJECTED:
        return f"objects: {answer.reason}"
    return "has acknowledged" if answer.answer == ACKNOWLEDGED else "has not answered"


def _contact(one: Consumer, told: Recipient | None) -> str:
    contact = one.contact or (told.contact if told else {})
    return " · ".join(contact[name] for name in ("email", "chat") if contact.get(name))

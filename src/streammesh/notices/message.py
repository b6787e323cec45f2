"""What a notice says to people, as text. Pure; to programs it is an event: `notices.events`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from streammesh.catalog.notices import FIRST, Notice, Recipient


@dataclass(frozen=True)
class Message:
    """A text for people.

    Attributes:
        subject: one line.
        body: lines, the release notes as Markdown at their end.
    """

    subject: str
    body: str


def message(notice: Notice, recipient: Recipient, occasion: str) -> Message:
    """Give what a consumer is told.

    Args:
        notice: the notice.
        recipient: the consumer.
        occasion: "notice", or the reminder, such as "1 week before".
    """
    subject = f"{notice.asset} ends{_when(notice)}"
    if occasion != FIRST:
        subject = f"Reminder, {occasion}: {subject}"
    return Message(subject, "\n".join(_lines(notice, recipient)) + "\n")


def _when(notice: Notice) -> str:
    return f" on {notice.until}" if notice.until else ", its last day is not set yet"


def _lines(notice: Notice, recipient: Recipient) -> Iterator[str]:
    fields = f" and relies on {', '.join(recipient.fields)}" if recipient.fields else ""
    yield f"{recipient.consumer} reads {notice.asset}{fields}."
    yield f"That version ends{_when(notice)}."
    yield ""
    if notice.because:
        yield f"Why:      {notice.because}"
    if notice.instead:
        yield f"Instead:  {notice.instead}"
    people = ", ".join(
        notice.owner[one] for one in ("team", "email", "chat") if one in notice.owner
    )
    if people:
        yield f"Ask:      {people}"
    yield f"Answer:   mesh ack {notice.notice} --as {recipient.consumer}"
    yield "          (with --object REASON if you can't move in time)"
    if notice.notes:
        yield ""
        yield notice.notes.rstrip()

"""Who is to be told now, of what and how; pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime, timedelta

from streammesh.catalog.notices import EVENT, FIRST, Delivery, Recipient, Told

REMINDERS = (28, 7, 1)
"""How many days before a version's last day consumers are reminded."""

_NAMES = {28: "4 weeks before", 7: "1 week before", 1: "1 day before"}

Ways = Callable[[Recipient], Sequence[str]]
"""The channels by which a consumer can be told."""


def occasion_name(days: int) -> str:
    """Name a reminder by how many days before the last day it is due."""
    return _NAMES.get(days, f"{days} days before")


def due(made: date, until: date | None, today: date, days: Sequence[int] = REMINDERS) -> str | None:
    """Give the reminder that is due today; None when none is.

    One that was missed is not made up for: of several the last alone is due. A notice that was made
    later than a reminder would have been takes its place.

    Args:
        made: when the notice was made.
        until: the version's last day.
        today: the day.
        days: how many days before the last day consumers are reminded.
    """
    if until is None or today > until:
        return None
    past = [one for one in days if made < until - timedelta(days=one) <= today]
    return occasion_name(min(past)) if past else None


def pending(
    told: Told,
    using: Collection[str],
    ways: Ways,
    today: date,
    days: Sequence[int] = REMINDERS,
) -> Iterator[tuple[Recipient, Delivery]]:
    """Give what is still to be delivered of a notice.

    Args:
        told: the notice, and what was delivered of it.
        using: consumers that still use the version: the others are done with it.
        ways: how each can be told.
        today: the day.
        days: when consumers are reminded.
    """
    until = date.fromisoformat(told.notice.until) if told.notice.until else None
    if until is not None and today > until:
        return
    done = {one.key for one in told.deliveries if one.delivered_at}
    reminder = due(datetime.fromisoformat(told.notice.made_at).date(), until, today, days)
    for one in told.recipients:
        if one.consumer not in using:
            continue
        for occasion in filter(None, (FIRST, reminder)):
            for channel in ways(one):
                wanted = Delivery(one.notice, one.consumer, occasion, channel)
                again = occasion != FIRST and channel == EVENT  # the topic keeps the first one
                if wanted.key not in done and not again:
                    yield one, wanted

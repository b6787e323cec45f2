"""Consumers in words: who they are, how to reach them, when they were last seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from streammesh.catalog.consumers import Consumer

SHOWN = 5
"""So many consumers are told of one by one."""

_CONTACTS = ("email", "chat", "team")
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "min"), (1, "s"))
_GAP = "   "


def name_of(one: Consumer) -> str:
    """Name a consumer: its subscription, or what is known of one that nobody declared."""
    return one.name or f"undeclared: {one.consumer or one.principal}"


def contact_of(one: Consumer) -> str:
    """Say how to reach a consumer's people, in the way that is likeliest to reach them."""
    known = (one.contact[name] for name in (*_CONTACTS, *one.contact) if one.contact.get(name))
    return next(known, "no contact known")


def seen(one: Consumer, now: datetime) -> str:
    """Say when a consumer last read: `read 2 min ago, lag 0`.

    Args:
        one: the consumer.
        now: with a time zone.
    """
    if not one.last_seen:
        return "not seen reading"
    past = max(0, int((now - datetime.fromisoformat(one.last_seen)).total_seconds()))
    lag = "" if one.lag is None else f", lag {one.lag:,}"
    if past < 1:
        return f"read just now{lag}"
    size, unit = next((each for each in _UNITS if past >= each[0]), (1, "s"))
    count = past // size
    plural = "s" if unit in ("day", "hour") and count != 1 else ""
    return f"read {count} {unit}{plural} ago{lag}"


def relying(consumers: Sequence[Consumer], now: datetime) -> Iterator[str]:
    """Give a line for each consumer with its contact and when it was seen, and one for the rest."""
    shown = consumers[:SHOWN]
    names = max((len(name_of(one)) for one in shown), default=0)
    contacts = max((len(contact_of(one)) for one in shown), default=0)
    for one in shown:
        name, contact = f"{name_of(one):<{names}}", f"{contact_of(one):<{contacts}}"
        yield f"{name}{_GAP}{contact}{_GAP}{seen(one, now)}"
    yield from _rest(consumers)


def others(consumers: Sequence[Consumer]) -> Iterator[str]:
    """Give a line for each consumer with what it relies on instead, and one for the rest."""
    shown = consumers[:SHOWN]
    names = max((len(name_of(one)) for one in shown), default=0)
    for one in shown:
        fields = f"{_GAP}relies on {', '.join(one.fields)}" if one.fields else ""
        yield f"{name_of(one):<{names}}{fields}".rstrip()
    yield from _rest(consumers)


def _rest(consumers: Sequence[Consumer]) -> Iterator[str]:
    if consumers[SHOWN:]:
        yield f"and {len(consumers) - SHOWN:,} more: `mesh plan --json` names all"

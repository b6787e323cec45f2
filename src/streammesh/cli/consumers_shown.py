"""How consumers are shown: as blocks of lines, as one line, as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from streammesh.catalog.consumers import Consumer
from streammesh.catalog.observing import Looked, ObservedGroup
from streammesh.cli.output import ago, duration, thousands
from streammesh.cli.printing import WIDTH

FORGOTTEN = timedelta(days=30)
"""Undeclared groups that are gone for so long are only counted."""

_LISTED = 10
"""So many consumers are named where they stand in one line, and as many groups."""

_INDENT = 14
_UNSEEN = "Who reads without a consumer group, and commits nothing, can't be seen."


def lines(
    asset: str, consumers: Sequence[Consumer], looked: Looked | None, now: datetime
) -> Iterator[str]:
    """Show the consumers of a version: each in a block, then what deserves a thought."""
    declared = [one for one in consumers if one.declared]
    others, forgotten = _remembered(consumers, now)
    former = sum(bool(one.former) for one in others)
    count = f"{len(declared):,} declared, {len(others) - former:,} undeclared"
    count += f", {former:,} former" if former else ""
    yield f"{asset}   {count}   {_when(looked, now)}"
    if not declared and not others:
        yield "  nobody declares it, and no consumer group was seen"
    shown = [*declared, *others]
    wide = min(max((len(_name(one)) for one in shown), default=0), 50)
    for one in shown:
        yield from _block(one, wide, now)
    calls = [*_undeclared(others, now), *_idle(declared, now)]
    if calls:
        yield ""
        yield from calls
    yield from _counted(forgotten)
    if any(not one.seen for one in declared):
        yield f"  {_UNSEEN}"


def _when(looked: Looked | None, now: datetime) -> str:
    if looked is None:
        return "Kafka was never looked at"
    unread = f", but for {thousands(looked.unread)} unread groups" if looked.unread else ""
    return f"as of {_ago(looked.at, now)}{unread}"


def called_out(asset: str, consumers: Sequence[Consumer], now: datetime) -> Iterator[str]:
    """Show the undeclared groups of a version, a line each."""
    others, forgotten = _remembered(consumers, now)
    yield asset
    yield from _undeclared(others, now)
    yield from _counted(forgotten)


def used_by(consumers: Iterable[Consumer]) -> str:
    """Name consumers in one line; of those that nobody declared, the groups that still stand."""
    names, others = [], []
    for one in consumers:
        if one.declared:
            names.append(f"{one.name} ({one.deliver_to})" if one.deliver_to else one.name)
        elif one.groups[0].standing and not one.gone:
            others.append(_quoted(one.groups[0].name))
    what = "group" if len(others) == 1 else "groups"
    undeclared = f"{len(others):,} undeclared: {what} {', '.join(_first(others))}"
    return ", ".join([*_first(names), *([undeclared] if others else [])])


def _first(names: Sequence[str]) -> Iterator[str]:
    yield from names[:_LISTED]
    if names[_LISTED:]:
        yield f"{len(names) - _LISTED:,} more"


def as_dict(one: Consumer, now: datetime) -> dict[str, Any]:
    """Give a consumer as JSON; moments are UTC, ISO 8601."""
    found = asdict(one)
    del found["asset"]
    return {
        **found,
        "declared": one.declared,
        "seen": one.seen,
        "active": one.active,
        "idle": one.idle(now),
        "first_seen": one.first_seen or None,
        "last_seen": one.last_seen or None,
    }


def _remembered(
    consumers: Iterable[Consumer], now: datetime
) -> tuple[list[Consumer], list[Consumer]]:
    """Give the undeclared ones: those to be shown, and those that are gone for long."""
    others = [one for one in consumers if not one.declared and not _over(one)]
    gone = [one for one in others if not one.groups[0].standing and _long_ago(one, now)]
    return [one for one in others if one not in gone], gone


def _over(one: Consumer) -> bool:
    """Tell whether nothing is left of a consumer that had access, in Kafka either."""
    return one.gone and not one.groups[0].standing


def _long_ago(one: Consumer, now: datetime) -> bool:
    return bool(one.last_seen) and now - datetime.fromisoformat(one.last_seen) > FORGOTTEN


def _counted(forgotten: Sequence[Consumer]) -> Iterator[str]:
    if forgotten:
        count = thousands(len(forgotten))
        yield f"  undeclared groups that are gone for over {FORGOTTEN.days} days: {count}"


def _name(one: Consumer) -> str:
    return one.name or one.former or f"group {_quoted(one.groups[0].name)}"


def _block(one: Consumer, wide: int, now: datetime) -> Iterator[str]:
    use = ("both" if one.seen else "declared") if one.declared else "observed"
    use = "former" if one.former else use
    seen = _seen(one.last_seen, now)
    behind = "" if one.lag is None else f"lag {thousands(one.lag)}"
    yield f"  {_name(one):<{wide}}   {use:<8}   {seen:<18}   {behind}".rstrip()
    if one.declared:
        app = () if one.consumer == one.name else (one.consumer,)
        yield from _part("consumer", " · ".join((*app, *_contact(one.contact))))
        yield from _part("relies on", ", ".join(one.fields) or "doesn't say: perhaps all fields")
    elif one.principal:
        yield from _part("principal", _printable(one.principal))
    for number, group in enumerate(one.groups):
        yield from _part("" if number else "groups", _group(group, now))


def _group(one: ObservedGroup, now: datetime) -> str:
    said = [_printable(one.name)]
    if not one.standing:
        said.append(f"gone, {_seen(one.last_seen, now)}")
    elif one.members:
        said.append(f"{thousands(one.members)} member{'' if one.members == 1 else 's'}")
    else:
        said.append("no members")
    said += _clients(one)
    if one.beyond:
        said.append("further than the topic goes: it was made anew")
    return " · ".join(said)


def _clients(one: ObservedGroup) -> Iterator[str]:
    if one.client_ids:
        what = "client id" if len(one.client_ids) == 1 else "client ids"
        hosts = f" at {', '.join(map(_printable, one.hosts))}" if one.hosts else ""
        yield f"{what} {', '.join(map(_quoted, one.client_ids))}{hosts}"


def _undeclared(others: Iterable[Consumer], now: datetime) -> Iterator[str]:
    for one in others:
        (group,) = one.groups
        if one.gone:
            continue
        what = f"{one.former} has no access any more, but is seen" if one.former else "undeclared"
        said = [f"{what}: group {_quoted(group.name)}", _seen(group.last_seen, now)]
        said += [f"lag {thousands(group.lag)}"] if group.lag is not None else []
        said += [f"of {_printable(one.principal)}"] if one.principal else []
        yield from _call_out(", ".join([*said, *_clients(group)]))


def _idle(declared: Iterable[Consumer], now: datetime) -> Iterator[str]:
    for one in declared:
        if one.idle(now):
            since = "never seen"
            if one.last_seen:
                past = now - datetime.fromisoformat(one.last_seen)
                since = f"idle for {duration(past)}"
            contact = " · ".join(_contact(one.contact))
            yield from _call_out(f"declared but {since}: {one.name}, {contact}".rstrip(", "))


def _seen(moment: str, now: datetime) -> str:
    return f"seen {_ago(moment, now)}" if moment else "never seen"


def _ago(moment: str, now: datetime) -> str:
    return ago(datetime.fromisoformat(moment), now)


def _contact(said: Mapping[str, str]) -> Iterator[str]:
    return (str(said[one]) for one in ("team", "email", "chat") if said.get(one))


def _call_out(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent="  ! ", subsequent_indent="    ")


def _part(name: str, text: str) -> Iterator[str]:
    if text:
        start = f"    {name}".ljust(_INDENT)
        indent = " " * _INDENT
        yield from textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=indent)


def _quoted(text: str) -> str:
    return f"`{_printable(text)}`"


def _printable(text: str) -> str:
    """Give what a client may have called anything, without what would move a terminal's cursor."""
    return "".join(one if one.isprintable() else "�" for one in text)

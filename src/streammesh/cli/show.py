"""`mesh show`: what a consumer asks of a product."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from streammesh.catalog.kinds import Kind
from streammesh.catalog.notices import Notice
from streammesh.catalog.records import FieldRecord
from streammesh.catalog.samples import Sample
from streammesh.catalog.show import Shown
from streammesh.cli.catalogs import opened
from streammesh.cli.consumers_shown import as_dict, used_by
from streammesh.cli.context import environment_option, json_option
from streammesh.cli.output import print_json
from streammesh.cli.printing import WIDTH, print_lines
from streammesh.cli.sampling import lines, sample
from streammesh.errors.commands import Misused
from streammesh.notices.sending import newest

_INDENT = 10


@click.command(short_help="Show what a consumer asks of a product.")
@click.argument("product")
@click.option("--no-look", is_flag=True, help="Ask the catalog alone, and no Kafka for a sample.")
@json_option
@environment_option
def command(product: str, no_look: bool, as_json: bool, environment_name: str | None) -> None:
    """Show a product: what it is, who owns it, what it promises, its versions, fields, a sample.

    All but the sample comes from the catalog. The sample is an event of the topic if Kafka answers
    within two seconds, else one that is made of the contract, and it says which. Fields that are
    not public or internal are masked in both.

    PRODUCT is DOMAIN.PRODUCT, with .PORT or .vMAJOR where another than the main port's newest
    active version is meant.

    \b
        mesh show sales.orders
        mesh show sales.orders.v1 --json
    """
    with opened(environment_name) as catalog:
        point = catalog.find(product)
        if point.kind is not Kind.PRODUCT or point.part:
            fix = "`mesh lineage` takes fields, tables and subscriptions too"
            raise Misused(message=f"`{product}` is no product", fix=fix)
        shown = catalog.show(point.asset)
        consumers = catalog.consumers([point.asset])[point.asset]
        ending = [one.asset for one in shown.versions if one.status == "deprecated"]
        told = newest(catalog.notices(ending))
    event, now = sample(shown, environment_name, look=not no_look), datetime.now(UTC)
    if as_json:
        print_json(
            _as_dict(shown)
            | {"consumers": [as_dict(one, now) for one in consumers]}
            | {"notices": [asdict(one.notice) for one in told]}
            | {"sample": asdict(event)}
        )
    else:
        notices = [_notice(one.notice) for one in told]
        print_lines([*_lines(shown, notices, used_by(consumers)), *_sample(event, now)])


def _as_dict(shown: Shown) -> dict[str, Any]:
    """Give it as JSON: what the catalog holds as JSON text is opened."""
    found = asdict(shown)
    for name in ("tags", "support", "document"):
        found["product"][name] = json.loads(found["product"][name])
    return found


def _notice(one: Notice) -> str:
    instead = f", instead: {one.instead}" if one.instead else ""
    return f"{one.asset} ends{f' on {one.until}' if one.until else ''}{instead}"


def _lines(shown: Shown, notices: Sequence[str], users: str) -> Iterator[str]:
    said, owner = shown.product, shown.owner
    tier = f"tier {said.tier}" if said.tier else ""
    marks = (shown.status, said.quality, tier, f"v{shown.version}")
    name = f"{said.domain}.{said.product}"
    yield f"{name}  {' · '.join(one for one in marks if one).rjust(WIDTH - len(name) - 2)}"
    yield from textwrap.wrap(said.purpose, WIDTH)
    yield ""
    yield from _part("owner", " · ".join(filter(None, (owner.team, owner.email, owner.chat))))
    yield from _part("on call", " · ".join(filter(None, _on_call(shown))))
    yield from _part("promise", " · ".join(map(_promise, shown.promises)))
    yield from _part("topic", shown.topic)
    yield from _part("key", ", ".join(one.path for one in shown.fields if one.key))
    versions = (f"{one.asset} {one.version} {one.status}" for one in shown.versions)
    yield from _part("versions", " · ".join(versions))
    yield from _part("notices", " · ".join(notices) or "none")
    yield from _fields(shown.fields)
    yield from _part("from", ", ".join(shown.origins))
    yield from _part("used by", users)
    yield from _part("use", said.usage)
    yield from _part("limits", said.limitations)
    yield from _part("read it", _reading(shown))
    yield from _part("tags", ", ".join(json.loads(said.tags)))


def _sample(event: Sample, now: datetime) -> Iterator[str]:
    for number, line in enumerate(lines(event, now)):
        yield from (f"{'':<{_INDENT}}{line}",) if number else _part("sample", line)


def _reading(shown: Shown) -> str:
    """Say how to look at events and how to ask for access; empty where none come any more."""
    if shown.status == "retired":
        return ""
    looks = f"`mesh consume {shown.asset} -n 1` shows an event"
    asks = "; a subscription asks for access (docs/access.md)"
    return looks if shown.status == "deprecated" else f"{looks}{asks}"


def _on_call(shown: Shown) -> tuple[str, str]:
    return shown.owner.on_call_hours, shown.owner.on_call_contact


def _promise(said: Mapping[str, Any]) -> str:
    values = (said.get("property"), said.get("value"), said.get("unit"))
    return " ".join(str(one) for one in values if one is not None)


def _part(name: str, text: str) -> Iterator[str]:
    """Give a part with its name before it; nothing when the catalog knows nothing of it."""
    if text:
        indent = " " * _INDENT
        yield from textwrap.wrap(
            text, WIDTH, initial_indent=name.ljust(_INDENT), subsequent_indent=indent
        )


def _fields(fields: tuple[FieldRecord, ...]) -> Iterator[str]:
    names = [f"{one.path}{'*' if one.key else ''}" for one in fields]
    wide = min(max(map(len, names), default=0), 40)
    types = min(max((len(one.type) for one in fields), default=0), 20)
    for number, (name, one) in enumerate(zip(names, fields, strict=True)):
        said = (one.unit, one.classification, one.description)
        text = f"{name:<{wide}}  {one.type:<{types}}  {' · '.join(filter(None, said))}"
        start = "fields" if number == 0 else ""
        shown = textwrap.shorten(" ".join(text.splitlines()), 10_000) if "\n" in text else text
        line = f"{start:<{_INDENT}}{shown}".rstrip()
        yield line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"

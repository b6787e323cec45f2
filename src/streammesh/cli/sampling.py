"""A sample event for `mesh show`: of the topic if that answers soon, else of the contract."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from datetime import datetime
from threading import Thread
from typing import Any

from streammesh.catalog.samples import Sample, made, real
from streammesh.catalog.show import Shown
from streammesh.cli.context import load_environment, workspace_root
from streammesh.cli.logins import reader_access
from streammesh.cli.output import ago, thousands
from streammesh.cli.printing import WIDTH
from streammesh.delivery.json_lines import JsonLines
from streammesh.errors import MeshError
from streammesh.platform.confluent_registry import ConfluentRegistry
from streammesh.platform.consumer import TopicReader
from streammesh.platform.decoding import Decoder

LOOK_SECONDS = 2.0
"""How long Kafka may take: what else is shown comes from the catalog and must not wait for it."""

GIVE_UP_SECONDS = 3.0
"""How long it may take with logging in, and with the registry, which has more patience."""

LINES = 40
"""So many lines of an event are shown; `--json` has all."""

Event = Mapping[str, Any]


def sample(shown: Shown, environment_name: str | None, *, look: bool) -> Sample:
    """Give a sample event of a version, whatever can be reached.

    Args:
        shown: what the catalog knows of it.
        environment_name: where the mesh runs.
        look: whether Kafka may be asked.
    """
    if not look:
        return made(shown.contract, "the topic was not looked at")
    if shown.status == "retired":
        return made(shown.contract, "it is retired")
    try:
        event = _within(GIVE_UP_SECONDS, lambda: _last(shown, environment_name))
    except TimeoutError:
        return made(shown.contract, "the servers took too long")
    except MeshError as error:
        return made(shown.contract, "; ".join(filter(None, (error.what, error.why))))
    if event is None:
        return made(shown.contract, "no event was found in the topic")
    return real(event, shown.contract) if "value" in event else made(shown.contract, _UNREADABLE)


_UNREADABLE = "the topic's last event can't be decoded"


def _last(shown: Shown, environment_name: str | None) -> Event | None:
    """Read a late event as `mesh consume` reads: as the domain's reader, without a group."""
    environment = load_environment(environment_name)
    reader = environment.names.reader_principal(shown.owner.domain)
    access = reader_access(workspace_root(), environment, reader, None)
    with TopicReader(access.kafka, group=f"{access.kafka.username or 'anonymous'}.show") as topic:
        found = topic.last(shown.topic, LOOK_SECONDS)
    lines = JsonLines(Decoder(ConfluentRegistry(access.registry).schema))
    return None if found is None else lines.event(found)


def _within(seconds: float, work: Callable[[], Event | None]) -> Event | None:
    """Give what work gives, unless it takes longer: then it is left alone, and ends with us.

    Raises:
        TimeoutError: it took longer.
        MeshError: what it raises.
    """
    answer = Future[Event | None]()

    def do() -> None:
        try:
            answer.set_result(work())
        except Exception as error:
            answer.set_exception(error)

    Thread(target=do, name="sample", daemon=True).start()
    return answer.result(timeout=seconds)


def lines(shown: Sample, now: datetime) -> Iterator[str]:
    """Show a sample: where it is from, then the event."""
    yield _origin(shown, now)
    for part in ("key", "value"):
        if part in shown.event:
            yield from _json(part, shown.event[part])


def _origin(shown: Sample, now: datetime) -> str:
    if shown.source == "contract":
        return f"made of the contract, not real: {shown.why}"
    event = shown.event
    when = ago(datetime.fromisoformat(event["time"]), now)
    where = f"partition {event['partition']}, offset {thousands(event['offset'])}"
    return f"an event of the topic, {when}, {where}; closed fields masked"


def _json(name: str, value: Any) -> Iterator[str]:
    written = json.dumps(value, ensure_ascii=False)
    if len(written) + len(name) + 1 <= _ROOM:
        yield f"{name} {written}"
        return
    every = f"{name} {json.dumps(value, ensure_ascii=False, indent=2)}".splitlines()
    for line in every[:LINES]:
        yield line if len(line) <= _ROOM else f"{line[: _ROOM - 1]}…"
    if every[LINES:]:
        yield f"… and {thousands(len(every) - LINES)} lines more, with --json"


_ROOM = WIDTH - 10

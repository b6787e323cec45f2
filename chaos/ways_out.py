"""What a person does after an alarm, and what has come of it."""

from __future__ import annotations

import json
import signal
from collections import Counter
from typing import Any

from chaos.server import wait_until
from streammesh.documents.workspace import load
from streammesh.errors import ExitCode
from streammesh.planning import service
from streammesh.planning.plan import Plan
from streammesh.reconcile.proof import codec_of
from streammesh.reconcile.topic import TopicReader
from tests.integration.engine.world import Documents, World

Events = dict[str, list[tuple[str, Any]]]
"""For each product's topic its committed events: key and document."""

History = dict[str, dict[str, Documents]]
"""As `World.history`."""


def read_anew(world: World) -> str:
    """Do `mesh apply --new-snapshot`, the way out of what lost changes."""
    source = f"{world.shop.domain}.shop"
    _apply(world, plan(world, frozenset({source})))
    return f"new snapshot of {source}"


def plan(world: World, anew: frozenset[str] = frozenset()) -> Plan:
    """Do `mesh plan`."""
    shop = world.shop
    return service.plan(load(shop.root), shop.environment, shop.platform, read_anew=anew)


def _apply(world: World, planned: Plan) -> None:
    service.apply(planned, world.shop.platform, lambda _: None)


def said_by(planned: Plan) -> str:
    """Give what a plan says, in one text."""
    problems = [*planned.problems, *(one for some in planned.stopped.values() for one in some)]
    steps = (f"{one.verb} {one.subject}: {one.detail}" for one in planned.steps)
    return "\n".join([*steps, *map(str, problems), *(one.text for one in planned.notes)])


def apply(world: World) -> None:
    """Do `mesh apply`."""
    _apply(world, plan(world))


def ends(world: World, status: int = ExitCode.ENGINE_STOPPED_BY_SOURCE) -> str:
    """Wait until the engine has ended with this status; give what it said last."""
    engine = world.engines[-1]
    wait_until(lambda: engine.poll() is not None, 90, "the engine stops")
    told = world.log.read_text()[-1500:]
    if engine.returncode != status:
        raise AssertionError(f"the engine ended with {engine.returncode}, not {status}\n{told}")
    return told


def same(world: World, seconds: float = 120) -> None:
    """Wait until topics show what the database has.

    Raises:
        TimeoutError: they never do.
    """

    def equal() -> bool:
        return not any(proof.differences for proof in world.prove().values())

    wait_until(equal, seconds, "topics show what the database has")


def seen(world: World) -> Events:
    """Give all that a `read_committed` consumer sees of each product."""
    found: Events = {}
    for topic, product in world.products_once.items():
        codec, reader = codec_of(product), TopicReader(world.admin, topic, "admin.test")
        found[topic] = [
            (
                json.dumps(list(codec.decode_key(key).values())),
                None if value is None else codec.decode_value(value),
            )
            for key, _, value, _ in reader.new_records()
        ]
        reader.close()
    return found


def nothing_wrong(world: World, past: History) -> None:
    """Check that each event is the document that a database computed at its transaction.

    Args:
        world: its history is that of the database that is there now.
        past: the history of the one before: transaction ids may come again.
    """
    for topic, product in world.products_once.items():
        codec, reader = codec_of(product), TopicReader(world.admin, topic, "admin.test")
        for key, headers, value, _ in reader.new_records():
            if "mesh.tx" not in headers:
                continue
            txid = headers["mesh.tx"].decode()
            said = None if value is None else codec.decode_value(value)
            name = json.dumps(list(codec.decode_key(key).values()))
            known = [one[txid][topic].get(name) for one in (past, world.history) if txid in one]
            if known and said not in known:
                raise AssertionError(f"{topic} {name}: {said} at {headers}, it was {known}")
        reader.close()


def only_what_differs(before: Events, after: Events) -> int:
    """Check that what came says each document that differs once, and nothing else.

    Returns:
        How many events came.
    """
    count = 0
    for topic, events in after.items():
        old, new = dict(before[topic]), dict(events)
        # of several partitions: only within a key their order says something
        came = Counter(key for key, _ in events) - Counter(key for key, _ in before[topic])
        wanted = {key for key in new if new[key] != old.get(key)}
        if came != dict.fromkeys(wanted, 1):
            raise AssertionError(f"{topic}: {dict(came)} came, {sorted(wanted)} differ")
        count += len(wanted)
    return count


def stop(world: World) -> None:
    """End engines by SIGTERM, whatever state they are in."""
    for engine in world.engines:
        if engine.poll() is None:
            engine.send_signal(signal.SIGTERM)
            engine.wait(60)
    world.engines.clear()

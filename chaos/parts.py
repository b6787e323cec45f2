"""Parts of a whole mesh that are killed or changed while a shop works: on a stack of its own.

    python -m chaos.parts [FAULT …]

Here a real PostgreSQL is the oracle: after each transaction it computes all documents itself, and
`mesh reconcile`'s proof compares source and topics at a fence. Where the way out is a new snapshot,
the transactions between are skipped, and the proof alone counts.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from chaos import disks, namespace, restores, results, stalls
from chaos.results import Result
from chaos.ways_out import read_anew, same
from streammesh.local.stack import Stack
from tests.integration.engine.conftest import SMALL, make
from tests.integration.engine.world import World
from tests.stack_fixture import workspace


@dataclass(frozen=True)
class Fault:
    """A fault of a part.

    Attributes:
        run: does it, and whatever its alarm says is to be done; gives what was told.
        every_commit: whether each transaction has to be seen, not only the last state.
    """

    run: Callable[[World], str]
    every_commit: bool = True


def _working(world: World, count: int = 40) -> threading.Thread:
    world.work(1)  # what is deployed is read while Kafka is there
    thread = threading.Thread(target=world.work, args=(count, 0.1))
    thread.start()
    return thread


def _killed(component: str) -> Callable[[World], str]:
    def fault(world: World) -> str:
        work = _working(world)
        for _ in range(2):
            time.sleep(1.5)
            world.shop.stack.kill(component)
            world.shop.stack.start_component(component)
        work.join()
        return ""

    return fault


def _postgres_killed(world: World) -> str:
    world.work(10)
    with contextlib.suppress(psycopg.Error), world.connect() as connection:
        connection.execute("UPDATE orders SET status = 'sent'")
        world.shop.stack.kill("postgres")
        world.shop.stack.start_component("postgres")
    world.work(10)
    return ""


def _registry_gone(world: World) -> str:
    world.stop_engines()
    world.shop.stack.kill("registry")
    world.start_engine()
    world.work(10)
    world.check()
    world.shop.stack.start_component("registry")
    return ""


def _slot_dropped(world: World) -> str:
    slot = world.deployed_source.slot
    world.shop.run(
        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
        f" WHERE slot_name = '{slot}' AND active"
    )
    for _ in range(200):
        with contextlib.suppress(psycopg.Error):
            world.shop.run(f"SELECT pg_drop_replication_slot('{slot}')")
            break
    world.work(5)
    return read_anew(world)


def _publication_altered(world: World) -> str:
    name = world.shop.run("SELECT pubname FROM pg_publication")[0][0]
    world.shop.run(f'ALTER PUBLICATION "{name}" DROP TABLE orders')
    world.work(5)
    steps = world.shop.plan().steps
    if not steps:
        raise AssertionError("a plan sees nothing of a publication that lost a table")
    world.shop.apply()
    return read_anew(world)


def _wal_limit(world: World) -> str:
    run = world.shop.run
    world.shop.stack.kill("connect")
    run("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'", "postgres")
    run("SELECT pg_reload_conf()", "postgres")
    run("CREATE TABLE filler AS SELECT repeat('x', 1000) FROM generate_series(1, 60000)")
    for _ in range(3):
        run("SELECT pg_switch_wal()", "postgres")
        run("CHECKPOINT", "postgres")
    run("ALTER SYSTEM RESET max_slot_wal_keep_size", "postgres")
    run("SELECT pg_reload_conf()", "postgres")
    status = run(
        "SELECT wal_status FROM pg_replication_slots"
        f" WHERE slot_name = '{world.deployed_source.slot}'"
    )
    if status != [("lost",)]:
        raise AssertionError(f"the slot is {status}, not lost")
    world.shop.stack.start_component("connect")
    return read_anew(world)


FAULTS = {
    "broker-killed": Fault(_killed("kafka")),
    "connect-killed": Fault(_killed("connect")),
    "postgres-killed": Fault(_postgres_killed),
    "registry-gone": Fault(_registry_gone),
    "slot-dropped": Fault(_slot_dropped, every_commit=False),
    "publication-altered": Fault(_publication_altered, every_commit=False),
    "wal-limit": Fault(_wal_limit, every_commit=False),
    **{f"{name}-stalled": Fault(stalls.stalled(name)) for name in stalls.SECONDS},
    "kafka-disk-full": Fault(disks.kafka),
    "postgres-disk-full": Fault(disks.postgres),
    "database-restored": Fault(restores.earlier, every_commit=False),
    "database-failed-over": Fault(restores.failed_over, every_commit=False),
    "database-failed-over-unfenced": Fault(restores.failed_over_unfenced, every_commit=False),
    "database-failed-over-behind": Fault(restores.failed_over_behind, every_commit=False),
    "database-of-another-system": Fault(restores.another_system, every_commit=False),
}


@contextlib.contextmanager
def own_stack() -> Iterator[Stack]:
    """Give a stack that is up, and of which everything may be killed."""
    with workspace() as folder:
        stack = Stack(folder)
        try:
            stack.up()
            yield stack
        finally:
            stack.down()


def do(stack: Stack, fault: Fault) -> Result:
    """Do a fault in a mesh of its own.

    Args:
        stack: where.
        fault: what.
    """
    result, began = Result(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="streammesh-parts-") as name:
        for world in make(stack, Path(name), SMALL):
            try:
                world.shop.apply()
                world.start_engine()
                world.wait_live()
                told = fault.run(world)
                result.alarms = bool(told)
                _check(world, fault)
                result.done = 1
            except namespace.NotHere as why:
                result.not_here = str(why)
            except Exception as error:
                result.failed = f"{type(error).__name__}: {error}"
                result.told = [world.log.read_text()[-1500:]] if world.log.exists() else []
            result.transactions = len(world.order)
    result.seconds = round(time.monotonic() - began, 1)
    return result


def _check(world: World, fault: Fault) -> None:
    if fault.every_commit:
        world.check()
    else:
        same(world)


def main(names: list[str]) -> int:
    """Do the faults of these names, or all; 1 if anything was wrong."""
    if unknown := set(names) - set(FAULTS):
        raise SystemExit(f"no fault {', '.join(unknown)}; there are {', '.join(FAULTS)}")
    namespace.enter("chaos.parts", names)
    print(results.head(), flush=True)
    found: dict[str, Result] = {}
    with own_stack() as stack:
        for name in names or FAULTS:
            found[name] = do(stack, FAULTS[name])
            print(results.line(name, found[name]), flush=True)
            for one in [found[name].failed, *found[name].told] if not found[name].good else ():
                print(f"    {one}", file=sys.stderr, flush=True)
    results.keep(found)
    return any(not one.good for one in found.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

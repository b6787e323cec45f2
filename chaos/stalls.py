"""Components that stand still, as a machine does that swaps or is moved, and go on later."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator

import psutil  # type: ignore[import-untyped,unused-ignore]

from tests.integration.engine.world import World

SECONDS = {"kafka": 45.0, "postgres": 20.0, "connect": 25.0, "registry": 15.0}
"""Longer than what the others wait for them: the engine's commit 30 s, Connect's membership 6 s,
and a replication session, which is set to 5 s here."""


def stalled(component: str) -> Callable[[World], str]:
    """Freeze a component for longer than time-outs, while a shop works."""

    def fault(world: World) -> str:
        run = world.shop.run
        run("ALTER SYSTEM SET wal_sender_timeout = '5s'", "postgres")
        run("SELECT pg_reload_conf()", "postgres")
        world.work(5)
        work = threading.Thread(target=world.work, args=(100, 0.1))
        work.start()
        with _frozen(world, component):
            time.sleep(SECONDS[component])
        work.join()
        world.work(10)
        run("ALTER SYSTEM RESET wal_sender_timeout", "postgres")
        run("SELECT pg_reload_conf()", "postgres")
        return ""

    return fault


@contextlib.contextmanager
def _frozen(world: World, component: str) -> Iterator[None]:
    (pid,) = (one.pid for one in world.shop.stack.status() if one.name == component)
    first = psutil.Process(pid)
    tree = [first, *first.children(recursive=True)]
    _send(tree, signal.SIGSTOP)
    try:
        yield
    finally:
        _send(tree, signal.SIGCONT)


def _send(processes: list[psutil.Process], number: signal.Signals) -> None:
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.send_signal(number)

"""The end of a transaction that comes late: within the next transaction of the same producer.

librdkafka sends an EndTxn again when the connection broke, and an EndTxn has no number: the first
one, late, ends whatever transaction is open then. An engine is safe because it uses a producer no
more after an end that is in doubt, and a new producer's epoch makes the late one void. The control
goes on with the same producer: then the check has to find something wrong.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from chaos.proxy import Proxy
from chaos.world import World


def late_ends(*, keep_producer: bool) -> Callable[[World, int], int]:
    """Hold ends of transactions back, and deliver them within the next one."""

    def fault(world: World, count: int) -> int:
        world.begin()
        broker = world.kafka.bootstrap_servers.split(",", maxsplit=1)[0]
        proxy = Proxy(int(broker.rpartition(":")[2]))
        through = replace(world.kafka, bootstrap_servers=f"127.0.0.1:{proxy.port}")
        engine = world.start(kafka=through, keep_producer=keep_producer, commit_seconds=3)
        try:
            for _ in range(count):
                world.catch_up(engine)
                proxy.hold()
                deadline = time.monotonic() + 20
                while not proxy.idle and time.monotonic() < deadline:
                    world.work(5)
                    time.sleep(0.05)
            world.catch_up(engine)
            world.end(engine)
        finally:
            proxy.close()
        if proxy.released < count:
            raise AssertionError(f"only {proxy.released} of {count} came late\n{engine.tail()}")
        return count

    return fault

"""An engine in a process of its own: what to run comes on stdin, its peak memory, MB, to stdout.

Not started by hand: `bench.engine` and `bench.idle` do it.
"""

from __future__ import annotations

import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec

from bench.memory import peak_mb
from streammesh.cli.run_shown import Shown
from streammesh.deployments import deployment
from streammesh.engine.run import Engine, look_for_cycles_rarely
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.settings import KafkaSettings


def main() -> None:
    """Run until SIGTERM."""
    order: dict[str, Any] = msgspec.json.decode(sys.stdin.buffer.read())
    deployments = {
        key: deployment.decode(key, value.encode()) for key, value in order["deployments"].items()
    }
    engine = Engine(
        order["domain"],
        order["source"],
        streams=ConfluentStreams(KafkaSettings(**order["kafka"]), "bench"),
        load=lambda: deployments,
        deployments_topic=order["deployments_topic"],
        state_path=Path(order["state"]),
        trouble=lambda text: print(text, file=sys.stderr, flush=True),
    )
    signal.signal(signal.SIGTERM, lambda *_: engine.stop())
    look_for_cycles_rarely()
    name, state = f"{order['domain']}.{order['source']}", Path(order["state"])
    shown = Shown(name, state, as_json=True, metrics=None) if order.get("shown") else None
    with nullcontext() if shown is None else shown.of(engine.activity):
        engine.run()
    print(peak_mb())


if __name__ == "__main__":
    main()

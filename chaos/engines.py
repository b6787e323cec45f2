"""Engines as processes, started in milliseconds: a server that has all imported, and forks.

Not started by hand: `chaos.server.EngineServer` does it. Orders come on stdin, one JSON object a
line; what became of engines goes to stdout in the same way.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from streammesh.deployments import deployment
from streammesh.engine import beats, faults, pages, shard, state
from streammesh.engine.run import Engine
from streammesh.errors import MeshError
from streammesh.platform import confluent_streams
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.settings import KafkaSettings
from streammesh.platform.streams import CommitUncertain

CRASHED = 70
"""Exit status of an engine that ended with anything but a named error."""


def main() -> None:
    """Serve until stdin ends; then no engine is left."""
    engines: set[int] = set()
    rest = b""
    while True:
        ready, _, _ = select.select([0], [], [], 0.01)
        if ready:
            data = os.read(0, 1 << 20)
            if not data:
                break
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                engines.add(_start(json.loads(line)))
        _reap(engines)
    for pid in engines:
        os.kill(pid, signal.SIGKILL)


def _tell(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _start(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        status = CRASHED
        try:
            status = _engine(order)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    _tell(number=order["number"], started=pid)
    return pid


def _reap(engines: set[int]) -> None:
    for pid in list(engines):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            engines.discard(pid)
            _tell(ended=pid, status=os.waitstatus_to_exitcode(status))


def _engine(order: dict[str, Any]) -> int:
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    report = os.open(order["report"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.dup2(log, 2)
    faults.arm(order["environ"])
    _limit(order)
    engine = _made(order)
    threading.Thread(target=_watch, args=(engine,), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: engine.stop())
    try:
        engine.run()
    except MeshError as error:
        print(f"{type(error).__name__}: {error}; fix: {error.fix}", file=sys.stderr)
        return int(error.exit_code)
    finally:
        counters = engine.activity.counters
        counts = counters.as_dict() | {"balanced": counters.balanced}
        os.write(report, json.dumps(counts).encode())
    return 0


def _watch(engine: Engine) -> None:
    """Tell what it does, as `mesh run` shows it."""
    told = ""
    while True:
        doing = engine.activity.doing
        if doing != told:
            told = doing
            print(f"doing: {doing}", file=sys.stderr, flush=True)
        time.sleep(0.05)


def _made(order: dict[str, Any]) -> Engine:
    deployments = {
        key: deployment.decode(key, value.encode()) for key, value in order["deployments"].items()
    }
    return Engine(
        order["domain"],
        order["source"],
        streams=ConfluentStreams(KafkaSettings(**order["kafka"]), "chaos"),
        load=lambda: deployments,
        deployments_topic=order["deployments_topic"],
        state_path=Path(order["state"]),
        trouble=lambda text: print(f"trouble: {text}", file=sys.stderr, flush=True),
    )


def _limit(order: dict[str, Any]) -> None:
    """Make the engine's world smaller, or its constants, so that little data goes a long way."""
    options = order["options"]
    # whoever waits until all is published ends with a heartbeat, which else is held for 10 seconds
    beats.HELD_SECONDS = 0.3
    for name in ("nofile", "fsize"):
        if limit := options.get(name):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), (limit, limit))
    if documents := options.get("part_documents"):
        shard.PART_DOCUMENTS = documents
    if count := options.get("checkpoint_pages"):
        state.CHECKPOINT_PAGES = count
    if seconds := options.get("commit_seconds"):
        confluent_streams.COMMIT_SECONDS = seconds
    if options.get("keep_producer"):
        _keep_producer()
    if user := options.get("user"):
        # what is imported at first use may be out of that user's reach
        pages.load()
        os.setgid(user)
        os.setuid(user)


def _keep_producer() -> None:
    """For a control: take an uncertain commit for certain, and go on with the same producer."""
    plain = confluent_streams.ConfluentWriter.commit

    def commit(self: Any) -> None:
        try:
            plain(self)
        except CommitUncertain as error:
            print(f"uncertain, and taken for certain: {error}", file=sys.stderr, flush=True)

    confluent_streams.ConfluentWriter.commit = commit  # type: ignore[method-assign]


if __name__ == "__main__":
    main()

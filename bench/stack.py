"""The real stack for measurements: one of its own, or the one in BENCH_STACK=<workspace>."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streammesh.demo import example
from streammesh.local.stack import Stack
from streammesh.platform.settings import KafkaSettings


@contextmanager
def running() -> Iterator[Stack]:
    """Give a stack that is up, in a workspace that holds the example."""
    if existing := os.environ.get("BENCH_STACK"):
        yield Stack(Path(existing))
        return
    folder = Path(tempfile.mkdtemp(prefix="streammesh-bench-"))
    stack = Stack(example.place(folder))
    try:
        print("starting the stack …", file=sys.stderr)
        stack.up()
        yield stack
    finally:
        stack.down()
        shutil.rmtree(folder, ignore_errors=True)


def admin(stack: Stack) -> KafkaSettings:
    """Say how to reach its Kafka as the one who may do everything."""
    info = stack.info()
    return KafkaSettings(
        info.bootstrap_servers,
        info.security_protocol,
        info.sasl_mechanism,
        info.admin_username,
        info.admin_password,
    )

"""What becomes of the lines that librdkafka logs: nothing, or somebody is told."""

from __future__ import annotations

import logging
from collections.abc import Callable

QUIET = logging.getLogger("streammesh.librdkafka")
"""Takes what librdkafka would print on stderr: every failure reaches us as an exception anyhow."""

QUIET.addHandler(logging.NullHandler())
QUIET.propagate = False


class _Telling(logging.Handler):
    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self._tell(record.getMessage())


def told_to(tell: Callable[[str], None]) -> logging.Logger:
    """Give a logger for one client of its own, whose lines are told, and shown nowhere."""
    logger = logging.Logger("streammesh.librdkafka.client")
    logger.addHandler(_Telling(tell))
    return logger

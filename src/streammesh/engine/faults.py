"""Named points of the commit path, where tests end the engine as `kill -9` would.

MESH_ENGINE_KILL_AT=after-commit-kafka:3 ends the process at the third time it reaches that point.
It does nothing unless that variable is set when the process starts.
"""

from __future__ import annotations

import os
import signal

POINTS = (
    "after-read",
    "before-apply",
    "after-apply",
    "after-evaluate",
    "before-produce",
    "after-produce",
    "before-commit-kafka",
    "after-commit-kafka",
    "after-commit-state",
    "after-load",
    "after-part",
    "during-recovery",
)
"""All points, in the order of the path."""

_point, _, _count = os.environ.get("MESH_ENGINE_KILL_AT", "").partition(":")
_left = int(_count or 1) if _point else 0


def reached(point: str) -> None:
    """End the process, without any clean-up, if a test asked for it here."""
    global _left  # noqa: PLW0603 - one process dies once
    if point != _point:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

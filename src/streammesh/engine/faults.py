"""Named points of the commit path, where tests end or freeze the engine.

MESH_ENGINE_KILL_AT=after-commit-kafka:3 ends the process, as `kill -9` would, at the third time it
reaches that point; MESH_ENGINE_STOP_AT freezes it there (SIGSTOP) until it gets a SIGCONT.
Nothing happens unless one of them is set when the process starts.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass

POINTS = (
    "before-read",
    "after-read",
    "before-align",
    "after-align",
    "before-apply",
    "after-apply",
    "before-evaluate",
    "after-evaluate",
    "before-produce",
    "during-produce",
    "after-produce",
    "before-commit-kafka",
    "after-commit-kafka",
    "before-offsets",
    "after-offsets",
    "before-commit-state",
    "after-commit-state",
    "before-checkpoint",
    "after-checkpoint",
    "after-load",
    "after-part",
    "during-recovery",
)
"""All points, in the order of the path; the last three are reached at a start or a snapshot."""

GATHERING = ("before-commit-gathered", "after-commit-gathered")
"""Points that only the engine of a source of products reaches."""

VARIABLES = {
    "MESH_ENGINE_KILL_AT": signal.SIGKILL,
    "MESH_ENGINE_STOP_AT": signal.SIGSTOP,
}


@dataclass
class _Fault:
    point: str
    left: int
    signal: signal.Signals


_faults: list[_Fault] = []


def arm(environ: Mapping[str, str]) -> None:
    """Take what these variables ask for, in place of what was asked for before."""
    _faults.clear()
    for name, number in VARIABLES.items():
        point, _, count = environ.get(name, "").partition(":")
        if point:
            _faults.append(_Fault(point, int(count or 1), number))


def reached(point: str) -> None:
    """End or freeze the process, without any clean-up, if a test asked for it here."""
    for fault in _faults:
        if fault.point == point:
            fault.left -= 1
            if fault.left == 0:
                os.kill(os.getpid(), fault.signal)


arm(os.environ)

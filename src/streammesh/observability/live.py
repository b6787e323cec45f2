"""The file by which `mesh status` on the same machine sees what a running engine does.

It stands beside the engine's state: `<source>.status.json`, mode 0600, rewritten every few seconds.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from streammesh.observability.figures import SourceFigures

FORMAT = 1
STALE_SECONDS = 20.0
"""A file older than that belongs to an engine that was killed, or stands still."""


@dataclass(frozen=True)
class Live:
    """What an engine said last.

    Attributes:
        format: of this file.
        pid: the engine's process.
        metrics: where it serves metrics; empty when it doesn't.
        figures: what it did.
    """

    format: int
    pid: int
    metrics: str
    figures: SourceFigures


def place(state: Path) -> Path:
    """Give the file that belongs to a state."""
    return state.with_name(state.name.removesuffix(".sqlite") + ".status.json")


def keep(path: Path, metrics: str, figures: SourceFigures) -> None:
    """Write what an engine does; a folder that can't be written to is no reason to stop."""
    content = msgspec.json.encode(Live(FORMAT, os.getpid(), metrics, figures))
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        new.replace(path)


def forget(path: Path) -> None:
    """Remove the file: the engine has ended."""
    with contextlib.suppress(OSError):
        path.unlink()


def read(path: Path, now: float) -> Live | None:
    """Give what the engine of a state says.

    Args:
        path: the file.
        now: seconds since 1970.

    Returns:
        None when there is no engine, or it has not written for some time.
    """
    try:
        live = msgspec.json.decode(path.read_bytes(), type=Live)
    except (OSError, msgspec.MsgspecError):
        return None
    fresh = live.format == FORMAT and abs(now - live.figures.time) < STALE_SECONDS
    return live if fresh and _runs(live.pid) else None


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True

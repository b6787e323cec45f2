"""Only one command at a time starts or stops the stack of a workspace."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from streammesh.errors.local import StackBusy

PATIENCE_S = 120.0


@contextmanager
def exclusive(
    lock: Path, waiting: Callable[[str], None], patience_s: float = PATIENCE_S
) -> Iterator[None]:
    """Hold the lock; it is free again when this process ends, however it ends.

    Args:
        lock: the lock file; its folder exists.
        waiting: told once who holds the lock, when somebody does.
        patience_s: seconds to wait for them.

    Raises:
        StackBusy: they did not finish.
    """
    with lock.open("a+") as file:
        _acquire(file, waiting, patience_s)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _acquire(file: TextIO, waiting: Callable[[str], None], patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    told = False
    while not _try(file):
        file.seek(0)
        holder = f" (process {pid})" if (pid := file.read().strip()) else ""
        if time.monotonic() > deadline:
            raise StackBusy(holder=holder)
        if not told:
            waiting(f"another command is starting or stopping the stack{holder}")
            told = True
        time.sleep(0.2)


def _try(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

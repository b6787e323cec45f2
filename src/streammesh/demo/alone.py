"""Only one demo runs in a workspace."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streammesh.errors.demo import DemoAlreadyRuns


@contextmanager
def alone(workspace: Path) -> Iterator[None]:
    """Hold the workspace for this demo, until it ends in whatever way.

    Raises:
        DemoAlreadyRuns: another one holds it.
    """
    home = workspace / ".mesh"
    home.mkdir(mode=0o700, exist_ok=True)
    with (home / "demo.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            pid = file.read().strip()
            holder = f" (process {pid})" if pid else ""
            raise DemoAlreadyRuns(folder=workspace, holder=holder) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield

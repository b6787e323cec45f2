"""The engine as a process of its own, started again when somebody kills it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from streammesh.errors import ExitCode
from streammesh.errors.demo import EngineStopped
from streammesh.local import processes
from streammesh.local.state import ProcessRecord

STOP_SECONDS = 20.0
NOT_AGAIN = {ExitCode.ENGINE_FENCED, ExitCode.ENGINE_STOPPED_BY_SOURCE}
"""What a supervisor must not answer by another start."""
TOO_OFTEN, WITHIN_SECONDS = 5, 60.0
LAST_LINES = 15
MARK = "streammesh.cli.main"
"""An argument that tells an engine from another process with its number."""


class EngineProcess:
    """`mesh run` in a workspace, its output in a log file."""

    def __init__(self, workspace: Path, environ: Mapping[str, str], log: Path) -> None:
        """Prepare; `start` begins.

        Args:
            workspace: the folder with mesh.toml.
            environ: the environment of the process.
            log: file that its output is appended to.
        """
        self._workspace = workspace
        self._environ = dict(environ)
        self._log = log
        self._record = workspace / ".mesh" / "engine.json"
        self._process: subprocess.Popen[bytes] | None = None
        self._deaths: list[float] = []

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process else None

    def start(self) -> None:
        """Start the engine, in a session of its own: a Ctrl-C here is not one for it.

        One that a killed demo has left behind is stopped first.
        """
        self._stop_left_over()
        command = [sys.executable, "-m", MARK, "-C", str(self._workspace), "run"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environ,
                start_new_session=True,
            )
        started = processes.Process(self._process.pid).create_time()
        self._record.write_text(json.dumps([self._process.pid, started]))

    def revive(self) -> str | None:
        """Start the engine again when it has died.

        Returns:
            What happened, in words; None when nothing did.

        Raises:
            EngineStopped: it ended for a reason that another start does not cure, or it dies
                again and again.
        """
        status = None if self._process is None else self._process.poll()
        if status is None:
            return None
        now = time.monotonic()
        self._deaths = [*(d for d in self._deaths if now - d < WITHIN_SECONDS), now]
        if status in NOT_AGAIN or status == 0 or len(self._deaths) >= TOO_OFTEN:
            raise EngineStopped(status=status, why=self._last_words(), fix=f"see {self._log}")
        self.start()
        return f"the engine {_died(status)}; it runs again as process {self.pid}"

    def stop(self) -> None:
        """Ask the engine to end (SIGTERM), and wait; after a while, kill it."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _stop_left_over(self) -> None:
        try:
            pid, started = json.loads(self._record.read_text())
        except (OSError, ValueError):
            return
        if left := processes.find(ProcessRecord(pid, started), MARK):
            processes.stop(left, signal.SIGTERM, STOP_SECONDS)
        self._record.unlink()

    def _last_words(self) -> str:
        with self._log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 8192))
            lines = file.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-LAST_LINES:])


def _died(status: int) -> str:
    if status >= 0:
        return f"stopped with exit status {status}"
    return f"was killed ({signal.Signals(-status).name})"

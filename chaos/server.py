"""Starts engines by way of `chaos.engines`, and knows what becomes of them."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 60.0


@dataclass
class Running:
    """An engine that was started.

    Attributes:
        pid: its process.
        log: what it writes on stderr.
        report: where it leaves its counters when it ends by itself.
        status: its exit status; a signal's number, negative, if one ended it; None while it runs.
    """

    log: Path
    report: Path
    pid: int = 0
    status: int | None = None
    _started: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Wait for its end; give its exit status.

        Raises:
            TimeoutError: it still runs.
        """
        if not self._ended.wait(seconds):
            raise TimeoutError(f"an engine still runs after {seconds} s\n{self.tail()}")
        assert self.status is not None
        return self.status

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it is still there."""
        if self.status is None:
            # it may have ended by itself just now
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> int:
        """End it at once."""
        self.send(signal.SIGKILL)
        return self.wait()

    @property
    def frozen(self) -> bool:
        """Whether it has been stopped by a signal."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text()
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] == "T"

    @property
    def troubled(self) -> bool:
        """Whether it told of trouble, or what has to be done before it can go on."""
        told = self.log.read_text() if self.log.exists() else ""
        return "trouble:" in told or "mesh apply" in told

    @property
    def balanced(self) -> bool:
        """Whether its counters say in = out + unchanged + filtered + quarantined."""
        return bool(json.loads(self.report.read_text())["balanced"])

    def tail(self) -> str:
        """Give the end of what it told."""
        return self.log.read_text()[-1500:] if self.log.exists() else ""


class EngineServer:
    """The process that engines are forked from; close it at the end."""

    def __init__(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chaos.engines"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._waiting: dict[int, Running] = {}
        self._running: dict[int, Running] = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, order: Mapping[str, Any], log: Path, report: Path) -> Running:
        """Start an engine; returns when there is a process."""
        running = Running(log, report)
        number = next(self._numbers)
        self._waiting[number] = running
        line = json.dumps({**order, "number": number, "log": str(log), "report": str(report)})
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        if not running._started.wait(PATIENCE_SECONDS):
            raise TimeoutError("no engine could be started")
        return running

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            if "started" in told:
                running = self._waiting.pop(told["number"])
                running.pid = told["started"]
                self._running[running.pid] = running
                running._started.set()
            else:
                running = self._running.pop(told["ended"])
                running.status = told["status"]
                running._ended.set()

    def close(self) -> None:
        """End it, and all engines with it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def wait_until(true: Any, seconds: float, what: str) -> None:
    """Wait until something is true.

    Raises:
        TimeoutError: it never was.
    """
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.02)

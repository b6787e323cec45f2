"""How long a command takes that does nothing much."""

from __future__ import annotations

import subprocess
import sys

from bench.clock import median_ms
from bench.results import Result, compared


def mesh(*arguments: str) -> None:
    """Run `mesh` with these arguments, and wait for it.

    Raises:
        SystemExit: it did not end well; with what it said.
    """
    command = [sys.executable, "-m", "streammesh.cli.main", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip()
        raise SystemExit(f"mesh {' '.join(arguments)} ended with {done.returncode}: {said}")


def measure() -> list[Result]:
    """Measure `mesh --help` beside an interpreter that does nothing at all."""
    nothing = [sys.executable, "-c", "pass"]
    help_ms = median_ms(lambda: mesh("--help"), seconds=5)
    bare = median_ms(lambda: subprocess.run(nothing, check=True), seconds=5)
    return [compared("mesh --help", help_ms, "ms", "", ("python -c pass", bare))]

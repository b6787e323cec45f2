"""What `mesh plan` and `mesh apply` say while they work: on a terminal what moves, else lines."""

from __future__ import annotations

from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bars
from rich.status import Status

from streammesh.capture.copying.taking import Advance
from streammesh.cli.output import duration
from streammesh.planning.apply import Progress

LINE_SECONDS = 10.0
"""How often it is told where no terminal is how far the reading of tables has come."""

QUIET_SECONDS = 2.0
"""A plan that is made sooner says nothing where no terminal is."""


class PlanProgress:
    """Says what is done while a plan is made; call it with words, from any thread."""

    def __init__(self, shown: Console) -> None:
        """Show on `shown`."""
        self._console = shown
        self._status = Status("", console=shown) if shown.is_terminal else None
        self._begun = monotonic()

    def __enter__(self) -> PlanProgress:
        """Begin to show."""
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing that moves behind."""
        if self._status is not None:
            self._status.stop()

    def __call__(self, words: str) -> None:
        """Show one phase."""
        if self._status is not None:
            self._status.update(words)
        elif monotonic() - self._begun > QUIET_SECONDS:
            self._console.print(f"  … {words}", markup=False)


class StepProgress:
    """Shows the steps of an apply: a line for what was done, and a bar on a terminal."""

    def __init__(self, shown: Console) -> None:
        """Show on `shown`."""
        self._console = shown
        self._bars = Bars(
            TextColumn(" "),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[steps]}"),
            TextColumn("{task.description}"),
            console=shown,
            transient=True,
            disable=not shown.is_terminal,
        )
        self._task: TaskID | None = None
        self._told = monotonic()

    def __enter__(self) -> StepProgress:
        """Begin to show."""
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave only the lines behind."""
        self._bars.stop()

    def __call__(self, progress: Progress) -> None:
        """Show how far the apply has come."""
        if progress.step is None:
            return
        self._move(progress)
        if progress.advance is not None:
            self._say(reading(progress.advance))
        if progress.seconds is not None:
            took = duration(progress.seconds)
            place = f"{progress.done:,}/{progress.total:,}"
            mark = "✓" if self._console.is_terminal else " "
            line = f"  {mark} {place:>7}  {progress.title}   {took}"
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _say(self, words: str) -> None:
        """Tell how far a long step is, where no bar does."""
        if not self._console.is_terminal and monotonic() - self._told >= LINE_SECONDS:
            self._told = monotonic()
            self._console.print(f"  … {words}", markup=False, highlight=False, soft_wrap=True)

    def _move(self, progress: Progress) -> None:
        if self._task is None:
            self._task = self._bars.add_task("", total=progress.total, steps="")
        advance = progress.advance
        part = 0.0 if advance is None else min(0.99, advance.rows / max(1, advance.expected))
        words = progress.title if advance is None else reading(advance)
        self._bars.update(
            self._task,
            completed=progress.done + part,
            description=words,
            steps=f"{progress.done:,}/{progress.total:,}",
        )


def reading(advance: Advance) -> str:
    """Say how far the reading of tables has come: rows, rows a second, time left."""
    rows, expected = advance.rows, advance.expected
    rate = rows / advance.seconds if advance.seconds > 0 else 0.0
    words = [f"reading {advance.table}".rstrip()]
    of = f" of about {expected:,}" if expected > rows else ""
    words.append(f"{rows:,}{of} rows")
    if rate >= 1:
        words.append(f"{rate:,.0f} rows/s")
        if expected > rows:
            words.append(f"{duration((expected - rows) / rate)} left")
    return ", ".join(words)

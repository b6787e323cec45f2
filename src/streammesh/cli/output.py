"""How commands show things: tables, numbers, times; people read stderr, programs stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TextIO

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streammesh.cli.colours import wants_colour
from streammesh.cli.printing import WIDTH, one_line, say
from streammesh.errors.commands import NobodyToAsk
from streammesh.errors.copied import copied
from streammesh.errors.visible import in_json, visible


class _Console(Console):
    """A console on which texts of others do nothing but stand there."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Take a text as `say` does."""
        return super().render_str(visible(copied(text)), **options)


def console(*, stderr: bool = True) -> Console:
    """Give a console: stderr for progress and questions, stdout for data."""
    stream = sys.stderr if stderr else sys.stdout
    return _Console(
        file=stream,
        width=width_of(stream),
        no_color=not wants_colour(stream),
        highlight=False,
        soft_wrap=False,
    )


def width_of(stream: TextIO) -> int:
    """Give how wide lines on a stream may be: the terminal's width, at most `WIDTH`."""
    return min(WIDTH, Console(file=stream).width) if stream.isatty() else WIDTH


def interactive() -> bool:
    """Tell whether a person can be asked: both stdin and stderr are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, *, yes: bool) -> bool:
    """Ask before something happens that can't be undone.

    Args:
        question: what is about to happen; ends with a question mark.
        yes: the command's `--yes`.

    Raises:
        NobodyToAsk: when nobody can be asked and `--yes` was not given.
    """
    if yes:
        return True
    if not interactive():
        raise NobodyToAsk
    return click.confirm(visible(question), default=False, err=True)


def note(text: str) -> None:
    """Tell a person something on stderr; where nobody looks on, nothing is said."""
    if sys.stderr.isatty():
        say(text)


def print_json(value: object) -> None:
    """Print a value as one JSON document on stdout."""
    print(in_json(json.dumps(value, ensure_ascii=False, indent=2, default=str)))


def table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], right: Sequence[int] = ()
) -> Table:
    """Lay out rows under headings.

    Args:
        headings: one per column.
        rows: cells; whole numbers get thousands separators.
        right: columns that are aligned to the right.
    """
    result = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for number, heading in enumerate(headings):
        result.add_column(heading, justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        # as text: what people write may look like rich's markup
        result.add_row(*(Text(_cell(value)) for value in row))
    return result


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return thousands(value)
    return visible(one_line(str(value)))


def thousands(number: int) -> str:
    """Give 211100 as `211,100`."""
    return f"{number:,}"


def size(count: int) -> str:
    """Give a number of bytes as `43 MB`, in powers of 1,000."""
    number = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if number >= 10 or unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "min"), (1, "s"))


def duration(span: timedelta | float) -> str:
    """Give a span (seconds when a number) as `31 ms`, `9 s`, `4 min`, `3 hours`, `2 days`."""
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    size, unit = next((size, unit) for size, unit in _UNITS if seconds >= size)
    count = int(seconds // size)
    plural = "s" if unit in ("day", "hour") and count != 1 else ""
    return f"{count} {unit}{plural}"


def ago(moment: datetime, now: datetime) -> str:
    """Give a past moment as `3 min ago`; both with a time zone."""
    past = (now - moment).total_seconds()
    return "just now" if past < 1 else f"{duration(past)} ago"

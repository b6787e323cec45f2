"""What commands print for people: all of it goes through here, or through `output.console`.

Texts of others do nothing to a terminal but stand there, and commands are ready to be copied.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

from streammesh.errors.copied import broken, copied
from streammesh.errors.visible import coloured, in_json, visible

WIDTH = 100
"""No line that streammesh lays out is wider."""

_BREAK = re.compile(r"\s*[\r\n]\s*")


def say(text: str, *, colours: bool = False) -> None:
    """Tell a person something, on stderr.

    Args:
        text: lines; what controls a terminal is shown instead, and commands name the environment.
        colours: whether streammesh's own colours stay; the rest of the text is clean already.
    """
    print(_clean(text, colours=colours), file=sys.stderr)


def say_long(text: str) -> None:
    """Tell in lines of at most `WIDTH`; those after the first are indented."""
    clean = one_line(_clean(text, colours=False))
    margin = " " * (len(text) - len(text.lstrip()))
    first, *rest = broken(clean, WIDTH - len(margin)) or [""]
    print(f"{margin}{first}", file=sys.stderr)
    for line in broken(" ".join(rest), WIDTH - len(margin) - 2):
        print(f"{margin}  {line}", file=sys.stderr)


def one_line(text: str) -> str:
    """Give a text of somebody else on one line: a second one could look like ours."""
    return " ".join(text.split())


def print_text(text: str, *, colours: bool = False) -> None:
    """Print a text for people on stdout, as `say` does on stderr."""
    print(_clean(text, colours=colours))


def print_lines(lines: Iterable[str]) -> None:
    """Print lines as `print_text` does; one that holds a line break stays one line."""
    print_text("\n".join(_BREAK.sub(" ", one.strip("\n")) for one in lines))


def print_line(json_line: str, *, stderr: bool = False) -> None:
    """Print JSON that stands on one line, its meaning unchanged."""
    print(in_json(json_line), file=sys.stderr if stderr else sys.stdout)


def _clean(text: str, *, colours: bool) -> str:
    return coloured(text) if colours else visible(copied(text))

"""A page that tells a story, as steps: files to write, and commands with what they say.

A file is its path in backquotes and a colon, then a block. A command stands behind `$ ` in a block
of kind `console`; what follows is what it says. `…` is any text within a line, a line of nothing
else any lines; where a command has no lines behind it, whatever it says is right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_BLOCK = re.compile(
    r"(?:^`(?P<path>[\w./-]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
ANY = "…"
_NOW = re.escape("just now")


@dataclass(frozen=True)
class File:
    """A file that the reader writes."""

    path: str
    text: str


@dataclass(frozen=True)
class Command:
    """A command that the reader types, and the lines it says; None where that doesn't matter."""

    line: str
    says: tuple[str, ...] | None


def steps(page: str) -> tuple[File | Command, ...]:
    """Read a page."""
    found: list[File | Command] = []
    for block in _BLOCK.finditer(page):
        if block["path"]:
            found.append(File(block["path"], block["text"]))
        elif block["kind"] == "console":
            found += _commands(block["text"].splitlines())
    return tuple(found)


def _commands(lines: list[str]) -> list[Command]:
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    assert not lines or starts[:1] == [0], f"a block begins with no command: {lines[0]}"
    return [
        Command(lines[start][2:], tuple(lines[start + 1 : end]) or None)
        for start, end in pairwise([*starts, len(lines)])
    ]


def agrees(expected: tuple[str, ...] | None, said: str) -> bool:
    """Tell whether what a command said is what the page says."""
    if expected is None:
        return True
    pattern = "".join(r"(?:.*\n)*?" if line == ANY else f"{_line(line)}\n" for line in expected)
    text = "".join(f"{line.rstrip()}\n" for line in said.strip("\n").splitlines())
    return re.fullmatch(pattern, text) is not None


def _line(expected: str) -> str:
    literal = ".*?".join(map(re.escape, expected.split(ANY)))
    return literal.replace(_NOW, r"(?:just now|\d+ s ago) *")

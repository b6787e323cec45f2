"""How an error is shown: what, where with the marked line, why, fix."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from streammesh.errors.base import Location, MeshError, MeshErrors
from streammesh.errors.copied import copied
from streammesh.errors.visible import visible

WIDTH = 100
_QUOTED = re.compile(r"`[^`]*`")
_HELD = "\0"


def flatten(error: MeshError) -> tuple[MeshError, ...]:
    """Give the single errors that `error` holds; itself when it is one."""
    return error.errors if isinstance(error, MeshErrors) else (error,)


def render(error: MeshError, *, colour: bool = False) -> str:
    """Give the text that a person reads on the terminal.

    Args:
        error: one error, or several held together.
        colour: add ANSI colours; the words are the same without.
    """
    return "\n\n".join("\n".join(_lines(one, colour)) for one in flatten(error))


def _lines(error: MeshError, colour: bool) -> Iterator[str]:
    head = "\x1b[1;31merror:\x1b[0m" if colour else "error:"
    first, *rest = _wrapped(error.what, len("error: ")) or [""]
    yield f"{head} {first}"
    yield from (f"  {line}" for line in rest)
    if error.where is not None:
        yield f"  {visible(str(error.where))}"
        yield from _excerpt(error.where)
    if error.why:
        yield from (f"  {line}" for line in _wrapped(error.why, 2))
    if error.fix:
        first, *rest = _wrapped(error.fix, len("  fix: "))
        yield f"  fix: {first}"
        yield from (f"       {line}" for line in rest)


def _wrapped(text: str, indent: int) -> list[str]:
    """Break long lines between words; what stands in backquotes, and commands, are to be copied."""
    found: list[str] = []
    for line in visible(copied(text)).splitlines():
        if len(line) + indent <= WIDTH or line.startswith("mesh "):
            found.append(line)
            continue
        held = _QUOTED.sub(lambda each: each[0].replace(" ", _HELD), line)
        broken = textwrap.wrap(held, WIDTH - indent, break_long_words=False, break_on_hyphens=False)
        found += [one.replace(_HELD, " ") for one in broken]
    return found


def _excerpt(where: Location) -> Iterator[str]:
    if not where.text or not where.line:
        return
    start = max(0, where.column - 60)
    text = where.text[start : start + 90].replace("\t", " ")
    text = "".join(one if one.isprintable() else "�" for one in text)  # the mark stays below it
    gutter = f"    {where.line} │ "
    yield gutter + text
    if where.column:
        marked = min(where.length, max(1, len(text) - (where.column - 1 - start)))
        yield " " * (len(gutter) - 2) + "│ " + " " * (where.column - 1 - start) + "^" * marked

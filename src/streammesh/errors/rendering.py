"""How an error is shown: what, where with the marked line, why, fix."""

from __future__ import annotations

from collections.abc import Iterator

from streammesh.errors.base import Location, MeshError, MeshErrors


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
    first, *rest = error.what.splitlines() or [""]
    yield f"{head} {first}"
    yield from (f"  {line}" for line in rest)
    if error.where is not None:
        yield f"  {error.where}"
        yield from _excerpt(error.where)
    if error.why:
        yield from (f"  {line}" for line in error.why.splitlines())
    if error.fix:
        first, *rest = error.fix.splitlines()
        yield f"  fix: {first}"
        yield from (f"       {line}" for line in rest)


def _excerpt(where: Location) -> Iterator[str]:
    if not where.text or not where.line:
        return
    start = max(0, where.column - 60)
    text = where.text[start : start + 90].replace("\t", " ")
    gutter = f"    {where.line} │ "
    yield gutter + text
    if where.column:
        marked = min(where.length, max(1, len(text) - (where.column - 1 - start)))
        yield " " * (len(gutter) - 2) + "│ " + " " * (where.column - 1 - start) + "^" * marked

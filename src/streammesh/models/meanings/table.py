"""The list of meanings as `docs/models.md` has it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from streammesh.models.meanings import AGGREGATES, CASTS, OPERATORS, ORDERED
from streammesh.models.meanings.call import Meaning


def operators() -> str:
    """Give the Markdown table of operators and functions of single values."""
    return _meanings(OPERATORS.values())


def aggregates() -> str:
    """Give the Markdown table of what gathers the rows of a sub-select."""
    return _meanings((*AGGREGATES.values(), *ORDERED.values()))


def casts() -> str:
    """Give the Markdown table of casts."""
    return _table(("from", "to", "note"), CASTS)


def _meanings(meanings: Iterable[Meaning]) -> str:
    rows = [(f"`{one.written}`", one.arguments, one.result, one.note) for one in meanings]
    return _table(("written", "takes", "gives", "note"), list(dict.fromkeys(rows)))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('||', '&#124;&#124;') for cell in line)} |" for line in lines
    )

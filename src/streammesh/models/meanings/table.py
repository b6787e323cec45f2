"""The list of meanings as `docs/models.md` has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from streammesh.models.meanings import (
    AGGREGATES,
    CASTS,
    OPERATORS,
    ORDERED,
    arithmetic,
    choice,
    comparison,
    dates,
    division,
    jsons,
    logic,
    patterns,
    rounding,
    texts,
    times,
)
from streammesh.models.meanings.call import Meaning

_GROUPS = {
    "Numbers": (arithmetic, division, rounding),
    "Comparisons and truth": (comparison, logic),
    "Choice": (choice,),
    "Text": (texts, patterns),
    "Days and times": (dates, times),
    "JSON and lists": (jsons,),
}


def operators() -> Mapping[str, str]:
    """Give the Markdown tables of operators and functions of single values, by their headings."""
    listed = tuple(OPERATORS.values())
    return {
        heading: _meanings(one for one in listed if any(one in vars(m).values() for m in modules))
        for heading, modules in _GROUPS.items()
    }


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

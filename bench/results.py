"""Results: one line each on the terminal, one entry each in results.json."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = Path(__file__).parent / "results.json"


@dataclass(frozen=True)
class Result:
    """A measured figure.

    Attributes:
        name: what was measured.
        value: the figure.
        unit: of the figure.
        size: how much it was measured on, in words.
        baseline: what it is compared with, in words, and its own figure in the same unit.
        ratio: value / baseline's figure.
    """

    name: str
    value: float
    unit: str
    size: str
    baseline: str = ""
    ratio: float | None = None


def compared(name: str, value: float, unit: str, size: str, baseline: tuple[str, float]) -> Result:
    """Make a result with its baseline of the same run."""
    label, figure = baseline
    return Result(
        name,
        _short(value),
        unit,
        size,
        f"{label}: {_short(figure):,} {unit}",
        _short(value / figure),
    )


def plain(name: str, value: float, unit: str, size: str) -> Result:
    """Make a result that nothing is compared with."""
    return Result(name, _short(value), unit, size)


def line(result: Result) -> str:
    """Give a result for people."""
    text = f"{result.name:<34} {result.value:>12,} {result.unit:<12} {result.size:<34}"
    ratio = "" if result.ratio is None else f" {result.ratio:.2f} × {result.baseline}"
    return (text + ratio).rstrip()


def keep(results: Iterable[Result]) -> None:
    """Put results into results.json; those of other measurements stay."""
    before = json.loads(FILE.read_text()) if FILE.exists() else {}
    for result in results:
        entry = asdict(result)
        before[entry.pop("name")] = entry
    FILE.write_text(json.dumps(before, indent=2, ensure_ascii=False) + "\n")


def _short(value: float) -> float:
    """Keep three figures: more would claim a precision that two shared cores don't have."""
    if value == 0:
        return 0
    rounded = float(f"{value:.3g}")
    return int(rounded) if rounded >= 100 else rounded

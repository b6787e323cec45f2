"""What came of each fault: a line on the terminal, an entry in results.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

FILE = Path(__file__).parent / "results.json"
WIDTH = 30


@dataclass
class Result:
    """What came of a fault.

    Attributes:
        done: how often it was done.
        lost: see `chaos.checker.Verdict`.
        doubled: the same.
        torn: the same.
        reordered: the same.
        wrong: the same.
        unbalanced: engines whose counters say in ≠ out + unchanged + filtered + quarantined.
        crashes: engines that ended with anything but a named error.
        alarms: engines that stopped or waited, and said why and what to do.
        transactions: that consumers had to see.
        events: that they saw.
        seconds: how long it took.
        control: whether the engine was made unsafe: then something has to be wrong.
        failed: why it could not be done as meant; empty when it could.
        not_here: why this machine does not let it be done; empty when it does.
        told: the first deviations, in words.
    """

    done: int = 0
    lost: int = 0
    doubled: int = 0
    torn: int = 0
    reordered: int = 0
    wrong: int = 0
    unbalanced: int = 0
    crashes: int = 0
    alarms: int = 0
    transactions: int = 0
    events: int = 0
    seconds: float = 0.0
    control: bool = False
    failed: str = ""
    not_here: str = ""
    told: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing was wrong; in a control, whether something was."""
        found = any((self.lost, self.doubled, self.torn, self.reordered, self.wrong))
        return found is self.control and not (self.unbalanced or self.crashes or self.failed)


COLUMNS = (
    *("done", "lost", "doubled", "torn", "reordered", "wrong", "unbalanced", "crashes", "alarms"),
    *("transactions", "events", "seconds"),
)


def head() -> str:
    """Give the first line of the table."""
    return "fault".ljust(WIDTH) + "".join(name.rjust(max(7, len(name) + 2)) for name in COLUMNS)


def line(name: str, result: Result) -> str:
    """Give a fault's line of the table."""
    values = asdict(result)
    cells = (f"{values[column]:,}".rjust(max(7, len(column) + 2)) for column in COLUMNS)
    if result.not_here:
        return f"{name.ljust(WIDTH)}   not done here: {result.not_here}"
    return name.ljust(WIDTH) + "".join(cells) + ("" if result.good else "   <-- WRONG")


def keep(results: Mapping[str, Result]) -> None:
    """Put results into results.json; those of other faults stay."""
    before = json.loads(FILE.read_text()) if FILE.exists() else {}
    entries = {name: _kept(result) for name, result in results.items()}
    FILE.write_text(json.dumps(before | entries, indent=2, ensure_ascii=False) + "\n")


def _kept(result: Result) -> dict[str, object]:
    """Give what is kept: texts name files of this machine, and are shown when there is need."""
    entry = asdict(result)
    entry["failed"], entry["told"] = bool(result.failed), len(result.told)
    return entry

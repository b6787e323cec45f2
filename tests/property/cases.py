"""One example: tables, models, rows to begin with, what sessions do, what befalls the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.property.deeds import Step, fill, steps
from tests.property.models import models, reads
from tests.property.schemas import databases
from tests.property.tables import Database

CRASHES = (
    "before-apply",
    "after-apply",
    "after-evaluate",
    "before-produce",
    "after-produce",
    "before-commit-kafka",
    "after-commit-kafka",
    "after-commit-state",
    "after-read",
    "during-recovery",
    "after-load",
    "after-part",
)


@dataclass(frozen=True)
class Life:
    """What befalls the engine while it reads the next part of the log.

    Attributes:
        share: how much of the log is there, in percent.
        most: records that it is given at once.
        crashes: points at which it dies, each with the number of times it gets past before.
        commits: what the next commits do (see MemoryStreams.fail_commits).
        state: "", or what happens to the state before: "lost", "old".
        repeat: how many records back Connect begins again at this place; 0 for not at all.
    """

    share: int = 100
    most: int = 10_000
    crashes: tuple[tuple[str, int], ...] = ()
    commits: tuple[str, ...] = ()
    state: str = ""
    repeat: int = 0


@dataclass(frozen=True)
class Case:
    """An example."""

    database: Database
    models: tuple[str, ...]
    rows: tuple[str, ...]
    steps: tuple[Step, ...]
    lives: tuple[Life, ...]
    most_events: int = 1_000_000
    """Events of a transaction over which it goes in parts."""
    again: int = 100
    """After how many percent of the steps everything is read anew, because the slot was lost."""
    lost: int = 0
    """Records before that which never came to the log."""
    copied: bool = False
    """Whether the first snapshot is read by COPY, while sessions write."""
    anew: str = "logged"
    """How all is read anew: "logged" by Debezium, "copied", or "some": one table by COPY, because
    its values have changed without an event; nothing is lost then."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("the one shown as SQL")


_lives = st.builds(
    Life,
    share=st.integers(0, 100),
    most=st.sampled_from((10_000, 1, 2, 5, 17)),
    crashes=st.lists(st.tuples(st.sampled_from(CRASHES), st.integers(0, 3)), max_size=2).map(tuple),
    commits=st.lists(st.sampled_from(("", "", "lost", "landed", "failed")), max_size=4).map(tuple),
    state=st.sampled_from(("", "", "", "lost", "old")),
    repeat=st.sampled_from((0, 0, 0, 1, 4, 15)),
)


@st.composite
def cases(draw: Any, least: int | None = None) -> Case:
    """Give examples.

    Args:
        draw: Hypothesis's.
        least: how many steps there are at least; as it comes when it is not said.
    """
    database = draw(databases())
    written = draw(st.lists(models(database), min_size=1, max_size=3))
    rows = fill(draw, database)
    if least is None:
        least = draw(st.sampled_from((50, 30, 15, 1)))
    read = tuple(one for one in database.tables if any(reads(sql, one) for sql in written))
    done = draw(st.lists(steps(database, read), min_size=least, max_size=least + 60))
    lives = draw(st.lists(_lives, max_size=3))
    most_events = draw(st.sampled_from((1_000_000, 1_000_000, 1_000_000, 1_000_000, 1, 2)))
    again = draw(st.sampled_from((100, 100, 100, 50, 80)))
    lost = draw(st.integers(0, 12))
    copied = draw(st.booleans())
    anew = draw(st.sampled_from(("logged", "copied", "some", "some")))
    some = (tuple(written), rows, tuple(done), tuple(lives))
    return Case(database, *some, most_events, again, lost, copied, anew)

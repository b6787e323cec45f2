"""All faults, and how often each is done in which size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chaos import damage, ending, kills, topics
from chaos.world import World
from streammesh.engine import faults

AT_A_START = {"after-load", "after-part", "during-recovery"}


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        name: as typed.
        run: does it so often in a world of its own; gives how often it was done.
        ci: how often in the small size.
        large: how often in the large one.
        kills: whether each time an engine is killed.
        control: whether the engine is made unsafe: what comes of it has to be wrong.
    """

    name: str
    run: Callable[[World, int], int]
    ci: int
    large: int
    kills: bool = False
    control: bool = False


FAULTS = (
    *(
        Fault(f"killed-{point}", kills.killed_at(point), 4, 36, kills=True)
        for point in faults.POINTS
        if point not in AT_A_START
    ),
    Fault("killed-after-load", kills.killed_in_a_snapshot, 3, 20, kills=True),
    Fault("killed-after-part", kills.killed_in_a_publication, 4, 30, kills=True),
    Fault("killed-during-recovery", kills.killed_in_a_recovery, 4, 30, kills=True),
    Fault("killed-at-random", kills.killed_at_random, 24, 250, kills=True),
    Fault("zombie", kills.zombies, 4, 40),
    Fault("two-engines", kills.two_at_once, 3, 30),
    Fault("late-end", ending.late_ends(keep_producer=False), 3, 30),
    Fault("late-end-control", ending.late_ends(keep_producer=True), 3, 3, control=True),
    Fault("state-deleted", damage.deleted, 2, 20),
    Fault("state-truncated", damage.truncated, 4, 40),
    Fault("state-flipped", damage.flipped, 6, 60),
    Fault("state-rubbish", damage.rubbish, 2, 10),
    Fault("state-older", damage.older_backup, 3, 30),
    Fault("state-read-only", damage.read_only, 2, 10),
    Fault("state-file-limit", damage.file_size_limit, 3, 30),
    Fault("state-disk-full", damage.disk_full, 3, 30),
    Fault("file-handles", damage.few_file_handles, 3, 20),
    Fault("progress-made-anew", topics.progress_made_anew, 2, 10),
    Fault("product-made-anew", topics.product_made_anew, 2, 10),
    Fault("product-restored", topics.product_restored, 2, 10),
    Fault("log-cut-off", topics.log_cut_off, 2, 10),
    Fault("log-made-anew", topics.log_made_anew, 2, 10),
)

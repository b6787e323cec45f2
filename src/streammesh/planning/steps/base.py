"""What every step is: a value that says what it does, for whom, and then does it."""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from streammesh.errors import Location
from streammesh.planning.owner import Owner
from streammesh.planning.showing.rates import snapshot_seconds
from streammesh.planning.systems import Platform

TAKE_OUT = "take it out of the files and apply again"
"""How most steps are undone."""


class Change(enum.Enum):
    """What a step is to the mesh."""

    ADD = "+"
    CHANGE = "~"
    REMOVE = "-"


class Phase(enum.IntEnum):
    """When a step is done: whatever it needs stands in an earlier phase."""

    GRANTS = -3
    CUT_ACCESS = -2
    STORES = -1
    CLAIMS = 0
    USERS = 1
    TOPICS = 2
    ACCESS = 3
    SCHEMAS = 4
    PUBLICATION = 5
    SOURCE = 6
    CONNECTOR = 7
    PRODUCT = 8
    SNAPSHOT = 9
    CHANGED_SOURCE = 10
    CHANGED_PRODUCT = 11
    REMOVE_DEPLOYMENT = 20
    REMOVE_CONNECTOR = 21
    REMOVE_CAPTURE = 22
    REMOVE_ACCESS = 23
    REMOVE_TOPICS = 24
    REMOVE_USERS = 25
    REMOVE_QUOTAS = 26
    RECORDS = 30
    NOTICES = 31
    TELLING = 32


@dataclass(frozen=True)
class Step(ABC):
    """One operation of a plan.

    Attributes:
        owner: for whom it is done.
        where: the place in the files that asks for it, if there is one.
    """

    owner: Owner
    where: Location | None = field(default=None, kw_only=True, compare=False, repr=False)

    usual_change: ClassVar[Change]
    phase: ClassVar[Phase]
    kind: ClassVar[str]
    """What it is about, in one or two words: `topic`, `access`, …"""
    verb: ClassVar[str]
    """What it does, such as `create topic`; the subject's name follows."""
    at_once: ClassVar[int] = 1
    """How many of its kind are done together, by `apply_all`."""

    @property
    def id(self) -> str:
        """Name the step: the same in every plan that has it."""
        return f"{self.owner.key}: {self.title}"

    @property
    def when(self) -> Phase:
        """Say when it is done."""
        return self.phase

    @property
    def brief(self) -> tuple[str, str] | None:
        """Give a kind and words for a short plan; None when subject and detail will do."""
        return None

    @property
    def counted(self) -> tuple[str, int] | None:
        """Give what it is one of, and how many, where a short plan only counts such things.

        None when a short plan shows it.
        """
        return None

    @property
    def change(self) -> Change:
        """Say what it is to the mesh."""
        return self.usual_change

    @property
    @abstractmethod
    def subject(self) -> str:
        """What is added, changed or removed: its name."""

    @property
    def detail(self) -> str:
        """What it becomes, in a few words."""
        return ""

    @property
    @abstractmethod
    def why(self) -> str:
        """What it is there for."""

    @property
    def affects(self) -> str:
        """Who notices; empty when nobody does."""
        return ""

    @property
    def undo(self) -> str:
        """How it is undone; says so when it can't be."""
        return TAKE_OUT

    @property
    def reversible(self) -> bool:
        """Whether it can be undone without losing what somebody may need."""
        return True

    @property
    def rows(self) -> int:
        """How many rows of the database it lets be read; 0 for none, -1 when unknown."""
        return 0

    @property
    def reading_seconds(self) -> float:
        """How long these rows take, roughly, in seconds; 0 when unknown."""
        return snapshot_seconds(self.rows) or 0.0

    @property
    def documents(self) -> int:
        """How many documents it lets be published at most; 0 for none, -1 when unknown."""
        return 0

    @property
    def details(self) -> Mapping[str, Any]:
        """Give what a program may want to know of it; never a secret."""
        return {}

    @property
    def title(self) -> str:
        """Say what it does as a verb phrase: `create topic sales.orders.v1`."""
        return f"{self.verb} {self.subject}"

    @abstractmethod
    def apply(self, platform: Platform) -> None:
        """Do it. Doing it again after it was interrupted completes it.

        Raises:
            MeshError: when a system outside refuses or fails.
        """

    @classmethod
    def apply_all(cls, steps: Sequence[Any], platform: Platform) -> None:
        """Do several of one kind, in as few requests as there can be.

        Args:
            steps: at most `at_once`, all of this class.
            platform: the systems.

        Raises:
            MeshError: when a system outside refuses or fails; what was done stays.
        """
        for step in steps:
            step.apply(platform)

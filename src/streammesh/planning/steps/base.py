"""What every step is: a value that says what it does, for whom, and then does it."""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from streammesh.planning.owner import Owner
from streammesh.planning.systems import Platform


class Change(enum.Enum):
    """What a step is to the mesh."""

    ADD = "+"
    CHANGE = "~"
    REMOVE = "-"


class Phase(enum.IntEnum):
    """When a step is done: whatever it needs stands in an earlier phase."""

    STORES = 0
    USERS = 1
    TOPICS = 2
    ACCESS = 3
    SCHEMAS = 4
    PUBLICATION = 5
    SOURCE = 6
    CONNECTOR = 7
    PRODUCT = 8
    REMOVE_DEPLOYMENT = 20
    REMOVE_CONNECTOR = 21
    REMOVE_CAPTURE = 22
    REMOVE_ACCESS = 23
    REMOVE_TOPICS = 24
    REMOVE_USERS = 25
    RECORDS = 30


@dataclass(frozen=True)
class Step(ABC):
    """One operation of a plan.

    Attributes:
        owner: for whom it is done.
    """

    owner: Owner

    usual_change: ClassVar[Change]
    phase: ClassVar[Phase]
    kind: ClassVar[str]
    """What it is about, in one or two words: `topic`, `access`, …"""
    verb: ClassVar[str]
    """What it does, such as `create topic`; the subject's name follows."""

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
        return "take it out of the files and apply again"

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

"""What is wanted beside topics and rights: users, quotas, and schemas that no product has."""

from __future__ import annotations

from dataclasses import dataclass

from streammesh.planning.owner import Owner
from streammesh.planning.steps.register_schema import Part


@dataclass(frozen=True)
class WantedUser:
    """A Kafka user that has to exist, and who it is.

    Attributes:
        owner: for whom.
        principal: its name.
        purpose: who it is.
        handed_over: whether it is made by `mesh access approve`, for then somebody is there to
            take its password; apply makes it only where a local stack keeps passwords.
    """

    owner: Owner
    principal: str
    purpose: str
    handed_over: bool = False


@dataclass(frozen=True)
class WantedQuota:
    """What a consumer may read at most, bytes a second from each broker."""

    owner: Owner
    principal: str
    rate: int


@dataclass(frozen=True)
class WantedSchema:
    """A schema that a topic's events are written with.

    Attributes:
        owner: for whom.
        topic: the topic.
        part: key or value.
        schema: Avro, canonical JSON.
    """

    owner: Owner
    topic: str
    part: Part
    schema: str

    @property
    def subject(self) -> str:
        """Name its subject."""
        return f"{self.topic}-{self.part}"

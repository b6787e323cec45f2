"""What users and consumers want of Kafka, beside topics and rights."""

from __future__ import annotations

from dataclasses import dataclass

from streammesh.planning.owner import Owner


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

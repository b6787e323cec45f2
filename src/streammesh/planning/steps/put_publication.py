"""Create or alter the publication of a source in its database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.capture.publication import Publication
from streammesh.documents.secrets import variables
from streammesh.documents.values import Secret
from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class CreatePublication(Step):
    """Create the publication that tells PostgreSQL which tables' changes to hand out.

    Attributes:
        url: reference to the database's address; kept with the record, so that the publication can
            be dropped when the source's file is gone.
        wanted: the publication; the connector's slot has the same name.
    """

    url: Secret
    wanted: Publication

    usual_change: ClassVar[Change] = Change.ADD
    phase: ClassVar[Phase] = Phase.PUBLICATION
    kind: ClassVar[str] = "publication"
    verb: ClassVar[str] = "create publication"

    @property
    def subject(self) -> str:
        """Give its name."""
        return self.wanted.name

    @property
    def detail(self) -> str:
        """Say what it has."""
        return "of " + ", ".join(str(one) for one in self.wanted.tables)

    @property
    def brief(self) -> tuple[str, str] | None:
        """Say what the database gets."""
        return "database", f"publication and replication slot {self.wanted.name}"

    @property
    def why(self) -> str:
        """Say what it is for."""
        return "names the tables whose changes leave the database"

    @property
    def affects(self) -> str:
        """Say who notices."""
        return "the database's disk, which keeps the WAL that the slot has not read yet"

    def apply(self, platform: Platform) -> None:
        """Create it."""
        details = {"url": kept_reference(self.url)}
        record = claims.resource("publication", self.wanted.name, self.owner, details)
        with claims.claimed(platform, record):
            platform.databases.put_publication(self.url, self.wanted)


@dataclass(frozen=True)
class AlterPublication(Step):
    """Give the publication of a source other tables."""

    url: Secret
    wanted: Publication

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.PUBLICATION
    kind: ClassVar[str] = "publication"
    verb: ClassVar[str] = "alter publication"

    @property
    def subject(self) -> str:
        """Give its name."""
        return self.wanted.name

    @property
    def detail(self) -> str:
        """Say what it has."""
        return "of " + ", ".join(str(one) for one in self.wanted.tables)

    @property
    def brief(self) -> tuple[str, str] | None:
        """Say what the database gets."""
        count = len(self.wanted.tables)
        return "database", f"publication {self.wanted.name} is of {count} tables from now on"

    @property
    def why(self) -> str:
        """Say what it is for."""
        return "names the tables whose changes leave the database"

    @property
    def undo(self) -> str:
        """Say how to undo it."""
        return "apply the files as they were"

    def apply(self, platform: Platform) -> None:
        """Alter it."""
        platform.databases.put_publication(self.url, self.wanted)


def kept_reference(url: Secret) -> str:
    """Give the reference if nothing but a reference stands there; an address may hold a secret."""
    names = variables(url)
    return url.text if len(names) == 1 and url.text == f"${{{names[0]}}}" else ""

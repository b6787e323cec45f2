"""How far an apply has come with reading tables, as the record of the source's connector keeps it.

What has been read stands in the private log and in the topic of rows; this says what to go on with.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import msgspec

from streammesh.capture.server import DatabaseIdentity
from streammesh.deployments import marks
from streammesh.deployments.forms import form
from streammesh.deployments.progress import Lsn
from streammesh.models.tables import Table
from streammesh.platform.stores import Resource

READING = "reading"
"""In the details of a connector's record while tables of its source are read."""

HELD = "snapshot"
"""In the details of a connector's record: the tables that have been read, with their forms."""

POSITION = "position"
"""In the details of a connector's record: the position of the last reading, 16 hex digits."""

RESUMED_WITHIN = timedelta(hours=12)
"""An older reading is begun anew: its rows may be about to leave their topic."""


@dataclass(frozen=True)
class Reading:
    """A snapshot that apply takes.

    Attributes:
        id: the snapshot's.
        whole: whether it is of all tables, and replaces everything.
        forms: the form of each table that it reads.
        done: of each table that has been read, its position.
        begun: when, ISO 8601.
    """

    id: str
    whole: bool
    forms: Mapping[str, str]
    done: Mapping[str, str] = field(default_factory=dict)
    begun: str = ""

    def with_done(self, copied: marks.TableCopied) -> Reading:
        """Give it with one more table."""
        return replace(self, done={**self.done, copied.table: copied.position})

    def fits(self, tables: Iterable[Table], *, whole: bool, within: timedelta) -> bool:
        """Tell whether it can be gone on with, for these tables."""
        age = datetime.now(UTC) - datetime.fromisoformat(self.begun)
        return self.whole == whole and self.forms == forms_of(tables) and age < within

    def started(self, identity: DatabaseIdentity) -> marks.Started:
        """Give the mark of its begin."""
        return marks.Started(
            snapshot=self.id,
            tables=tuple(self.forms),
            whole=self.whole,
            system_identifier=identity.system_identifier,
            timeline=identity.timeline,
        )

    def completed(self) -> marks.Completed:
        """Give the mark of its end."""
        positions = (Lsn.from_header(one.encode()) for one in self.done.values())
        last = max(positions, default=Lsn(0))
        return marks.Completed(snapshot=self.id, position=last.header().decode())


def new_reading(tables: Iterable[Table], *, whole: bool) -> Reading:
    """Begin one."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Reading(uuid.uuid4().hex[:16], whole, forms_of(tables), begun=now)


def forms_of(tables: Iterable[Table]) -> dict[str, str]:
    """Give the form of each table by its name."""
    return {str(one.name): form(one) for one in tables}


def encode(reading: Reading) -> str:
    """Give it as a text for the record."""
    return msgspec.json.encode(reading, order="deterministic").decode()


def reading_of(record: Resource | None) -> Reading | None:
    """Give the reading that an earlier apply has not ended; None when there is none."""
    text = None if record is None else record.details.get(READING)
    if not text:
        return None
    try:
        return msgspec.json.decode(text, type=Reading)
    except msgspec.MsgspecError:
        # of another version: it is begun anew
        return None

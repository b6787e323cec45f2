"""What a source is captured with, and the record of what has been read of its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from streammesh.capture.copying.taking import Order
from streammesh.capture.generation import begin_generation
from streammesh.capture.server import DatabaseIdentity
from streammesh.capture.wants import ROW_PARTITIONS
from streammesh.deployments import marks
from streammesh.documents.values import Secret
from streammesh.models.tables import Table
from streammesh.planning import claims
from streammesh.planning.owner import Owner
from streammesh.planning.readings import (
    HELD,
    POSITION,
    READING,
    RESUMED_WITHIN,
    Reading,
    encode,
    new_reading,
    reading_of,
)
from streammesh.planning.systems import Platform
from streammesh.planning.tables import snapshot_of


@dataclass(frozen=True)
class Capture:
    """What a source is captured with.

    Attributes:
        owner: the source.
        connector: the connector's name.
        url: reference to the database's address.
        slot: the replication slot.
        log: the private log.
        topic: of rows.
        tables: all captured tables.
        identity: of the database.
        retention_ms: how long log and rows are kept.
        sessions: how many read at the same time.
    """

    owner: Owner
    connector: str
    url: Secret
    slot: str
    log: str
    topic: str
    tables: tuple[Table, ...]
    identity: DatabaseIdentity
    retention_ms: int
    sessions: int

    def start(self, platform: Platform, config: Mapping[str, str]) -> None:
        """Let the connector begin anew, from a new slot; then all has to be read.

        The mark that all is read anew stands in the log before anything that the connector takes
        from the new slot: between the old one and that, changes may be missing.
        """

        def prepare() -> None:
            self.begin(platform, self.tables, whole=True, intended=True)
            platform.databases.create_slot(self.url, self.slot)

        begin_generation(
            platform.connect,
            self.connector,
            config,
            lambda: platform.databases.drop_slot(self.url, self.slot),
            prepare,
        )
        reading = reading_of(platform.resources.read().get(f"connector/{self.connector}"))
        if reading is not None:
            self.record(platform, reading)

    def begin(
        self,
        platform: Platform,
        tables: tuple[Table, ...],
        *,
        whole: bool,
        intended: bool = False,
    ) -> Reading:
        """Record that a reading begins, and mark it in the log."""
        reading = new_reading(tables, whole=whole)
        self.record(platform, reading, intended=intended)
        platform.snapshots.mark(self.log, reading.started(self.identity))
        return reading

    def record(self, platform: Platform, reading: Reading, *, intended: bool = False) -> None:
        """Record how far a reading has come; what it has not read yet is held no more."""
        held = (one for one in self.tables if str(one.name) not in reading.forms)
        details = {**self.described(held), READING: encode(reading)}
        record = claims.resource("connector", self.connector, self.owner, details)
        platform.resources.write([claims.stamped(platform, record, intended=intended)])

    def described(self, held: Iterable[Table]) -> dict[str, str]:
        """Describe which database it is, and which of its tables have been read."""
        return {
            HELD: snapshot_of(held),
            "system_identifier": self.identity.system_identifier,
            "timeline": str(self.identity.timeline),
        }

    def go_on(self, platform: Platform, tables: tuple[Table, ...], *, whole: bool) -> Reading:
        """Take up the reading that an earlier apply or step has begun, or begin one."""
        record = platform.resources.read().get(f"connector/{self.connector}")
        reading = reading_of(record)
        within = min(RESUMED_WITHIN, timedelta(milliseconds=self.retention_ms / 2))
        if reading is None or not reading.fits(tables, whole=whole, within=within):
            return self.begin(platform, tables, whole=whole)
        # the apply may have ended between its record and the mark
        platform.snapshots.mark(self.log, reading.started(self.identity))
        return reading

    def end(self, platform: Platform, reading: Reading) -> None:
        """Mark that all has been read, and record it."""
        completed = reading.completed()
        platform.snapshots.mark(self.log, completed)
        held = {**self.described(self.tables), POSITION: completed.position}
        record = claims.resource("connector", self.connector, self.owner, held)
        platform.resources.write([claims.stamped(platform, record)])

    def order(self, reading: Reading, tables: Iterable[Table]) -> Order:
        """Say what is left to be read."""
        return Order(
            label=self.owner.label,
            snapshot=reading.id,
            topic=self.topic,
            partitions=ROW_PARTITIONS,
            log=self.log,
            tables=tuple(one for one in tables if str(one.name) not in reading.done),
            sessions=self.sessions,
        )

    def take(
        self, platform: Platform, reading: Reading, tables: Iterable[Table]
    ) -> Iterable[marks.TableCopied]:
        """Read what is left to be read, and give each table's mark."""
        left = self.order(reading, tables)
        return platform.snapshots.take(self.url, left, platform.tell) if left.tables else ()

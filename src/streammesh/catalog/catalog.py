"""The catalog itself: opened by its address, told by an apply, asked by everybody."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from streammesh.catalog.consumers import Consumer, consumers
from streammesh.catalog.find import find
from streammesh.catalog.graph import Lineage, Point
from streammesh.catalog.impact import Impact, impact
from streammesh.catalog.known_versions import KnownVersion, known_versions
from streammesh.catalog.lineage import lineage
from streammesh.catalog.migrating import form, migrate, newest, take_turns
from streammesh.catalog.notices import Told, told
from streammesh.catalog.opening import WRITES, open_engine
from streammesh.catalog.recording import Recorded, pending, record, untold
from streammesh.catalog.records import Registration
from streammesh.catalog.schema import history
from streammesh.catalog.search import Hit, search
from streammesh.catalog.show import Shown, show
from streammesh.errors.catalog import CatalogUnreachable


@dataclass(frozen=True)
class Past:
    """A change that was recorded.

    Attributes:
        at: when, UTC, ISO 8601.
        who: who applied it.
        commit: from which commit of the files; empty when it is not known.
        record: the table.
        key: the record's key, JSON.
        change: "added", "changed" or "removed".
        before: the record as it was, JSON; None for an added one.
    """

    at: str
    who: str
    commit: str
    record: str
    key: str
    change: str
    before: str | None


class Catalog:
    """A catalog, in SQLite or PostgreSQL; connected to when it is first used."""

    def __init__(self, engine: Engine) -> None:
        """Take its database."""
        self._engine = engine

    @classmethod
    def open(cls, address: str) -> Catalog:
        """Open the catalog at an address; a new one is made.

        Args:
            address: `sqlite:///FILE` or `postgresql+psycopg://…`.

        Raises:
            CatalogTooNew, CatalogForeign, CatalogUnreachable: it can't be used.
        """
        catalog = cls.at(address)
        catalog.prepare()
        return catalog

    @classmethod
    def at(cls, address: str) -> Catalog:
        """Give the catalog at an address as it is: who only plans makes no tables.

        Args:
            address: `sqlite:///FILE` or `postgresql+psycopg://…`.
        """
        return cls(open_engine(address))

    def prepare(self) -> None:
        """Bring the tables to the form that this streammesh knows.

        Raises:
            CatalogTooNew, CatalogForeign, CatalogUnreachable: it can't be used.
        """
        if not self.standing():  # who only reads waits for nobody, and needs no right to write
            with self._writing() as connection:
                migrate(connection)

    def standing(self) -> bool:
        """Tell whether the tables are there, and of the form that this streammesh knows."""
        with self.reading() as connection:
            return form(connection) == newest()

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def record(
        self, registration: Registration, *, who: str, commit: str, at: datetime | None = None
    ) -> Recorded:
        """Put in what an apply knows, all or nothing; the same again changes nothing.

        Args:
            registration: what it knows.
            who: the person or program that applied.
            commit: of the files; empty when it is not known.
            at: when, with a time zone; now when None.

        Raises:
            CatalogUnreachable: the database refused or went away; nothing was written.
        """
        moment = (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="microseconds")
        with self._writing() as connection:
            return record(connection, registration, who=who, commit=commit, at=moment)

    def pending(self, registration: Registration) -> Recorded:
        """Count what `record` would change; nothing is written, and no tables are made."""
        with self.reading() as connection:
            if form(connection) != newest():
                return untold(registration)
            return pending(connection, registration)

    def search(self, text: str, *, limit: int = 20) -> tuple[Hit, ...]:
        """Find products; see `streammesh.catalog.search`."""
        with self.reading() as connection:
            return search(connection, text, limit=limit)

    def find(self, text: str) -> Point:
        """Find what somebody means; see `streammesh.catalog.find`."""
        with self.reading() as connection:
            return find(connection, text)

    def show(self, asset: str) -> Shown:
        """Give what is known of a version, by the name that `find` gives."""
        with self.reading() as connection:
            return show(connection, asset)

    def lineage(self, point: Point) -> Lineage:
        """Give where the data of a point comes from and where it goes."""
        with self.reading() as connection:
            return lineage(connection, point)

    def impact(self, point: Point) -> Impact:
        """Say whom a change of a point would affect."""
        with self.reading() as connection:
            return impact(connection, point)

    def consumers(self, assets: Collection[str]) -> Mapping[str, tuple[Consumer, ...]]:
        """Say who uses versions; see `streammesh.catalog.consumers`."""
        with self.reading() as connection:
            return consumers(connection, assets)

    def versions(self, domains: Collection[str]) -> Mapping[str, KnownVersion]:
        """Give the versions of domains as they were applied, by asset."""
        with self.reading() as connection:
            return known_versions(connection, domains)

    def notices(self, assets: Collection[str] | None = None) -> tuple[Told, ...]:
        """Give notices of versions that end, the newest first; all of them when None."""
        with self.reading() as connection:
            return told(connection, assets)

    def history(self, domain: str, *, limit: int = 100) -> tuple[Past, ...]:
        """Give the last changes of a domain's records, newest first."""
        query = select(history).where(history.c.domain == domain)
        newest = query.order_by(history.c.id.desc()).limit(limit)
        with self.reading() as connection:
            rows = connection.execute(newest).all()
        return tuple(
            Past(one.at, one.who, one.commit, one.record, one.key, one.change, one.before)
            for one in rows
        )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection in a transaction that only reads."""
        with self._failing(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction that writes; two such wait for each other."""
        with self._writing() as connection:
            take_turns(connection)
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with (
            self._failing(),
            self._engine.connect() as connection,
            connection.execution_options(**{WRITES: True}).begin(),
        ):
            yield connection

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Turn what the driver says into an error of ours, which shows no password."""
        try:
            yield
        except DBAPIError as error:
            place = self._engine.url.render_as_string(hide_password=True)
            why = str(error.orig).strip().splitlines()[0][:300] if str(error.orig) else None
            raise CatalogUnreachable(place=place, why=why) from error

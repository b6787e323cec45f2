"""The catalog itself: opened by its address, told by an apply, asked by everybody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError

from streammesh.catalog.access import (
    AccessChange,
    AccessEvent,
    AccessRecord,
    Key,
    access_events,
    access_records,
    consuming,
    granted_principals,
    refusals,
    write_access,
)
from streammesh.catalog.access_schema import access as access_table
from streammesh.catalog.beside import global_policies, rows_beside
from streammesh.catalog.consumers import Consumer, consumers
from streammesh.catalog.find import find
from streammesh.catalog.graph import Lineage, Point
from streammesh.catalog.impact import Impact, impact
from streammesh.catalog.known_versions import KnownVersion, known_versions, offers, owners
from streammesh.catalog.lineage import lineage
from streammesh.catalog.migrating import form, migrate, newest, readable, take_turns
from streammesh.catalog.neighbours import Neighbours, neighbourhood
from streammesh.catalog.notices import Told, told
from streammesh.catalog.observing import Looked, looked, observe_use, used, watched
from streammesh.catalog.opening import WRITES, open_engine, place_of
from streammesh.catalog.past import Past, past
from streammesh.catalog.recording import Recorded, known_digests, pending, record, untold
from streammesh.catalog.records import Registration
from streammesh.catalog.search import Hit, search
from streammesh.catalog.show import Shown, show
from streammesh.catalog.uses import Use, Watched
from streammesh.catalog.workspaces import (
    Claim,
    Home,
    SharedEnvironment,
    known_claims,
    known_environments,
    known_home,
    record_claims,
    record_environments,
    record_home,
)
from streammesh.errors.catalog import CatalogUnreachable


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

    def readable(self) -> bool:
        """Tell whether there is something to read; False where no tables have been made yet.

        Raises:
            CatalogTooOld, CatalogTooNew: the tables have another form.
        """
        with self.reading() as connection:
            return readable(connection)

    def begun(self) -> bool:
        """Tell whether there are tables at all, be they of an older form."""
        with self.reading() as connection:
            return form(connection) is not None

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
        with self._writing() as connection:
            return record(connection, registration, who=who, commit=commit, at=_moment(at))

    def pending(self, registration: Registration) -> Recorded:
        """Count what `record` would change; nothing is written, and no tables are made."""
        with self.reading() as connection:
            if form(connection) != newest():
                return untold(registration)
            return pending(connection, registration)

    def told(self) -> Mapping[str, str]:
        """Give what was told of each domain last, as a digest; nothing without tables."""
        with self.reading() as connection:
            return known_digests(connection) if form(connection) == newest() else {}

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

    def watched(self) -> Watched:
        """Give the topics at which use is looked for."""
        with self.reading() as connection:
            return watched(connection)

    def observe_use(
        self,
        uses: Iterable[Use],
        *,
        unread: Collection[str] = (),
        complete: bool = True,
        at: datetime | None = None,
    ) -> None:
        """Keep what was seen of who uses versions; groups that were seen before are remembered.

        Args:
            uses: all that was seen.
            unread: groups that could not be read: what is known of them stays.
            complete: whether a group that was not seen is gone.
            at: when, with a time zone; now when None.

        Raises:
            CatalogUnreachable: the database refused or went away; nothing was written.
        """
        with self._writing() as connection:
            observe_use(connection, uses, unread=unread, complete=complete, at=_moment(at))

    def used(self) -> tuple[str, ...]:
        """Give the versions at which somebody was seen, sorted."""
        with self.reading() as connection:
            return used(connection)

    def looked(self) -> Looked | None:
        """Give the last look at who uses versions; None when there was none yet."""
        with self.reading() as connection:
            return looked(connection)

    def versions(self, domains: Collection[str]) -> Mapping[str, KnownVersion]:
        """Give the versions of domains as they were applied, by asset."""
        with self.reading() as connection:
            return known_versions(connection, domains)

    def owners(self, domains: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """Say who owns domains: `team`, `email`, `chat`, those that are known."""
        with self.reading() as connection:
            return owners(connection, domains)

    def access(
        self, domains: Collection[str] | None = None, principals: Collection[str] = ()
    ) -> tuple[AccessRecord, ...]:
        """Give who asked for access and what was decided; see `streammesh.catalog.access`."""
        with self.reading() as connection:
            if not inspect(connection).has_table(access_table.name):
                return ()
            return access_records(connection, domains=domains, principals=principals)

    def consuming(self) -> frozenset[str]:
        """Give the domains that read others' products, or ask to."""
        with self.reading() as connection:
            return consuming(connection) if form(connection) == newest() else frozenset()

    def refused_access(
        self, domains: Collection[str], principals: Collection[str] = ()
    ) -> frozenset[tuple[str, str] | Key]:
        """Give what was refused last; see `streammesh.catalog.access.refusals`."""
        with self.reading() as connection:
            if not inspect(connection).has_table(access_table.name):
                return frozenset()
            return refusals(connection, domains, principals)

    def neighbourhood(self, whose: Neighbours) -> str:
        """Give a digest of what a plan rests on; see `streammesh.catalog.neighbours`."""
        with self.reading() as connection:
            return neighbourhood(connection, whose)

    def principals(self) -> frozenset[str]:
        """Give the existing principals that were granted anything, as subscriptions name them."""
        with self.reading() as connection:
            return granted_principals(connection)

    def access_events(self, key: Key) -> tuple[AccessEvent, ...]:
        """Give what was asked and decided about a subscription's access, oldest first."""
        with self.reading() as connection:
            return access_events(connection, key)

    def decide_access(
        self, changes: Iterable[AccessChange], *, who: str, at: datetime | None = None
    ) -> None:
        """Write what was asked for or decided, all or nothing, with its history.

        Raises:
            AccessChanged: somebody else decided in between.
            CatalogUnreachable: the database refused or went away; nothing was written.
        """
        moment = (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="microseconds")
        with self._writing() as connection:
            write_access(connection, changes, who=who, at=moment)

    def beside(
        self, tables: Collection[str], told: Registration
    ) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Give what is known beside a registration; see `streammesh.catalog.beside`."""
        with self.reading() as connection:
            return rows_beside(connection, tables, told)

    def global_policies(self) -> tuple[tuple[str, str], ...]:
        """Give file and text of the policies that hold everywhere."""
        with self.reading() as connection:
            return global_policies(connection)

    def offers(self) -> Mapping[str, str]:
        """Give the status of every version that is known, by asset."""
        with self.reading() as connection:
            return offers(connection)

    def claims(self) -> Mapping[str, Claim]:
        """Give which repository holds each domain."""
        with self.reading() as connection:
            return known_claims(connection)

    def claim(self, claims: Iterable[Claim], *, who: str, commit: str) -> None:
        """Record which repositories hold domains; makes the tables where there are none."""
        self.prepare()
        with self._writing() as connection:
            record_claims(connection, claims, who=who, commit=commit, at=_moment())

    def environments(self) -> Mapping[str, SharedEnvironment]:
        """Give the mesh's environments, as governance last applied them."""
        with self.reading() as connection:
            return known_environments(connection)

    def share(self, wanted: Iterable[SharedEnvironment], *, who: str, commit: str) -> None:
        """Make these the mesh's environments; makes the tables where there are none."""
        self.prepare()
        with self._writing() as connection:
            record_environments(connection, wanted, who=who, commit=commit, at=_moment())

    def home(self) -> Home | None:
        """Give the environment that it is of; None while nobody has applied to it."""
        with self.reading() as connection:
            return known_home(connection)

    def settle(self, home: Home, *, who: str, commit: str, moved: bool = False) -> None:
        """Make it that of an environment; see `streammesh.catalog.workspaces.record_home`."""
        self.prepare()
        with self._writing() as connection:
            stamped = replace(home, since=_moment(), by=who, commit=commit)
            record_home(connection, stamped, moved=moved)

    def notices(self, assets: Collection[str] | None = None) -> tuple[Told, ...]:
        """Give notices of versions that end, the newest first; all of them when None."""
        with self.reading() as connection:
            return told(connection, assets)

    def history(self, domain: str, *, limit: int = 100) -> tuple[Past, ...]:
        """Give the last changes of a domain's records, newest first."""
        with self.reading() as connection:
            return past(connection, domain, limit)

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
            place = place_of(self._engine.url)
            why = str(error.orig).strip().splitlines()[0][:300] if str(error.orig) else None
            raise CatalogUnreachable(place=place, why=why) from error


def _moment(at: datetime | None = None) -> str:
    return (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="microseconds")

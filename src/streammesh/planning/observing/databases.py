"""The sources' databases, as planning sees them: PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import Connection

from streammesh.capture.generation import await_capturing
from streammesh.capture.introspect import introspect
from streammesh.capture.publication import (
    PUBLISHES_GENERATED,
    Publication,
    create_slot,
    drop_publication,
    drop_slot,
    put_publication,
    read_slot,
)
from streammesh.capture.readiness import Expectation, Readiness, readiness, require_supported
from streammesh.capture.settings import DatabaseAddress
from streammesh.documents.secrets import resolve
from streammesh.documents.values import Secret, Source
from streammesh.errors import MeshError
from streammesh.errors.rendering import flatten
from streammesh.models.compiled import CompiledModel
from streammesh.models.tables import Table
from streammesh.planning.sizes.asking import LIMITS, Asking
from streammesh.planning.sizes.values import Sizes
from streammesh.planning.systems import DatabaseState
from streammesh.platform.connect import Connect
from streammesh.platform.database import DatabaseSettings, Limits, connect

FAILED_SECONDS = 15.0
"""How long a connector may still be shown as failed after it was told to start."""

DROP_LIMITS = Limits(statement_seconds=90.0)
"""A slot is dropped only when the server has noticed that its connector is gone."""


class PostgresDatabases:
    """`Databases` on PostgreSQL, reached by addresses in the environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Resolve references to addresses in `environ`; connections are made by each call."""
        self._environ = environ

    def observe(self, source: Source, slot: str) -> DatabaseState:
        """See `Databases.observe`."""
        settings = self._settings(source.url)
        with connect(
            settings, application_name="streammesh plan", where=source.url.where
        ) as connection:
            require_supported(connection, source)
            tables, problems = _tables(connection, source)
            found = readiness(connection, _expected(connection, source, slot, tables))
        return DatabaseState(
            address=_address(settings),
            tables=tables,
            server_version=found.server_version,
            publication=found.publication,
            slot=found.slot,
            identity=found.identity,
            problems=(*problems, *found.errors),
            warnings=tuple(_nearly_lost(found, slot)),
        )

    def sizes(
        self, source: Source, tables: Sequence[Table], models: Sequence[CompiledModel]
    ) -> tuple[Sizes, ...]:
        """See `Databases.sizes`."""
        name, settings = "streammesh plan", self._settings(source.url)
        with connect(settings, application_name=name, limits=LIMITS) as connection:
            asking = Asking(connection, tables)
            return tuple(asking.sizes(one) for one in models)

    def password(self, url: Secret) -> str:
        """See `Databases.password`."""
        return self._settings(url).password

    def put_publication(self, url: Secret, wanted: Publication) -> None:
        """See `Databases.put_publication`."""
        with self._writing(url) as connection:
            put_publication(connection, wanted)

    def drop_publication(self, url: Secret, name: str) -> None:
        """See `Databases.drop_publication`."""
        with self._writing(url) as connection:
            drop_publication(connection, name)

    def create_slot(self, url: Secret, name: str) -> None:
        """See `Databases.create_slot`."""
        with self._writing(url) as connection:
            create_slot(connection, name)

    def drop_slot(self, url: Secret, name: str) -> None:
        """See `Databases.drop_slot`."""
        with self._writing(url) as connection:
            drop_slot(connection, name)

    def slot_read(self, url: Secret, name: str) -> bool:
        """See `Databases.slot_read`."""
        with self._writing(url) as connection:
            slot = read_slot(connection, name)
        return slot is not None and slot.active

    def await_capturing(self, url: Secret, connect: Connect, connector: str, slot: str) -> None:
        """See `Databases.await_capturing`."""
        with self._writing(url) as connection:
            await_capturing(connect, connection, connector, slot, patience=FAILED_SECONDS)

    @contextmanager
    def _writing(self, url: Secret) -> Iterator[Connection[Any]]:
        settings = self._settings(url)
        with connect(
            settings,
            read_only=False,
            application_name="streammesh apply",
            limits=DROP_LIMITS,
            where=url.where,
        ) as connection:
            yield connection

    def _settings(self, url: Secret) -> DatabaseSettings:
        return settings_of(url, self._environ)


def settings_of(url: Secret, environ: Mapping[str, str]) -> DatabaseSettings:
    """Say how to reach the database that a source's file names.

    Raises:
        MeshError: the variable is missing, or holds no address.
    """
    try:
        return DatabaseSettings.from_url(resolve(url, environ))
    except MeshError as error:
        error.where = error.where or url.where
        raise


def _tables(
    connection: Connection[Any], source: Source
) -> tuple[tuple[Table, ...], tuple[MeshError, ...]]:
    try:
        return introspect(connection, source), ()
    except MeshError as error:
        return (), flatten(error)


def _expected(
    connection: Connection[Any], source: Source, slot: str, tables: tuple[Table, ...]
) -> Expectation:
    generated = connection.info.server_version // 10_000 >= PUBLISHES_GENERATED
    names = tuple(sorted((one.name for one in tables), key=str))
    return Expectation(source, tables, Publication(slot, names, generated=generated))


def _address(settings: DatabaseSettings) -> DatabaseAddress:
    return DatabaseAddress(
        host=settings.host,
        port=settings.port,
        database=settings.database,
        user=settings.username,
        sslmode=settings.more.get("sslmode", ""),
        sslrootcert=settings.more.get("sslrootcert", ""),
    )


def _nearly_lost(found: Readiness, slot: str) -> Iterator[str]:
    if found.slot is not None and found.slot.safe_bytes is not None:
        kept, left = found.slot.retained_bytes or 0, found.slot.safe_bytes
        if left < kept:
            yield (
                f"its slot {slot} keeps {kept / 1e6:,.0f} MB of WAL and is lost "
                f"{left / 1e6:,.0f} MB later: is its connector running?"
            )

"""Sessions on PostgreSQL: bounded in time, read-only unless asked, errors in our words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from streammesh.errors import Location, MeshError
from streammesh.errors.platform import SettingWrong
from streammesh.platform.database_failures import SYSTEM, Reached, failure, no_connection

_KNOWN = ("host", "port", "dbname", "user", "password")

_HOW = "an address is postgresql://user:password@host:port/database"


@dataclass(frozen=True)
class DatabaseSettings:
    """How to reach a database, and as whom.

    Attributes:
        host: name or address of the server.
        port: TCP port.
        database: the database's name.
        username: the role to log in as.
        password: never shown; empty for none.
        more: further parameters of libpq, such as `sslmode`.
    """

    host: str
    port: int
    database: str
    username: str
    password: str = field(default="", repr=False)
    more: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)

    @property
    def address(self) -> str:
        """Give `host:port`, for messages."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def reached(self) -> Reached:
        """Give what messages may say of it."""
        return Reached(self.address, self.database, self.username)

    @classmethod
    def from_url(cls, url: str) -> DatabaseSettings:
        """Read libpq's form of an address, `postgresql://…`.

        Raises:
            SettingWrong: it is none, or names no host, database or user; nothing of it is shown.
        """
        found = _parts(url)
        _check_whole(found)
        missing = [key for key in ("host", "dbname", "user") if not found.get(key)]
        if missing:
            raise _wrong(f"it has no {_CALLED[missing[0]]}; {_HOW}")
        return cls(
            host=found["host"],
            port=int(found.get("port") or 5432),
            database=found["dbname"],
            username=found["user"],
            password=found.get("password", ""),
            more={key: value for key, value in found.items() if key not in _KNOWN},
        )

    def conninfo(self) -> str:
        """Give libpq's connection string; it holds the password."""
        return make_conninfo(
            host=self.host,
            port=self.port,
            dbname=self.database,
            user=self.username,
            password=self.password or None,
            **self.more,
        )


_CALLED = {"host": "host", "dbname": "database name", "user": "user"}
_SPECIAL = "characters such as @ : / # ? % in a user name or password are written as %40 %3A …"


def _wrong(problem: str) -> SettingWrong:
    return SettingWrong(setting="url", system=SYSTEM, problem=problem)


def _parts(url: str) -> dict[str, str]:
    if not url.startswith(("postgresql://", "postgres://")):
        raise _wrong(_HOW)
    try:
        return {key: str(value) for key, value in conninfo_to_dict(url).items()}
    except (psycopg.Error, ValueError) as error:
        unknown = re.search(r'invalid URI query parameter: "([a-z_]+)"', str(error))
        problem = f"`{unknown[1]}` is no parameter" if unknown else f"it can't be read; {_SPECIAL}"
        raise _wrong(problem) from None


def _check_whole(found: Mapping[str, str]) -> None:
    """Refuse an address that fell apart at a character of its password, and what can't be used.

    Whatever then stands as host, port or database may be a part of the password: it is not shown.
    """
    host, port = found.get("host", ""), found.get("port", "")
    if any("@" in found.get(part, "") for part in ("host", "port", "dbname")):
        raise _wrong(f"there is an @ too much in it; {_SPECIAL}")
    if host.startswith("/"):
        raise _wrong("it names a socket; Connect reaches a database by its host and port only")
    if "," in host + port:
        raise _wrong("it names several servers; give the primary's, or a name that follows it")
    if port and not (port.isdecimal() and 0 < int(port) < 65_536):
        raise _wrong(f"its port is no number from 1 to 65535; {_SPECIAL}")


@dataclass(frozen=True)
class Limits:
    """How long a session may take for what.

    Attributes:
        connect_seconds: to connect, at least 2.
        lock_seconds: to wait for a lock: the application's own work comes first.
        statement_seconds: for one statement.
    """

    connect_seconds: int = 5
    lock_seconds: float = 5.0
    statement_seconds: float = 30.0


@contextmanager
def connect(
    settings: DatabaseSettings,
    *,
    read_only: bool = True,
    application_name: str = "streammesh",
    limits: Limits | None = None,
    where: Location | None = None,
) -> Iterator[psycopg.Connection[Any]]:
    """Open a session in autocommit, and close it after the `with` block.

    Args:
        settings: where, and as whom.
        read_only: whether the database refuses whatever would change something.
        application_name: as `pg_stat_activity` shows it.
        limits: the defaults of `Limits` when None.
        where: the place of the address in a file, for errors.

    Raises:
        MeshError: see `database_failures.no_connection`; and for what fails within the block
            ActionRefused or DatabaseFailed.
    """
    limits = limits or Limits()
    try:
        connection = psycopg.connect(
            settings.conninfo(),
            autocommit=True,
            application_name=application_name,
            connect_timeout=max(2, limits.connect_seconds),
        )
    except psycopg.Error as error:
        raise _at(where, no_connection(error, settings.reached)) from None
    try:
        with connection:
            _restrict(connection, limits, read_only=read_only)
            yield connection
    except psycopg.Error as error:
        raise _at(where, failure(error, settings.reached)) from error


def _at(where: Location | None, error: MeshError) -> MeshError:
    error.where = error.where or where
    return error


def _restrict(connection: psycopg.Connection[Any], limits: Limits, *, read_only: bool) -> None:
    connection.execute(
        "SELECT set_config('lock_timeout', %s, false),"
        " set_config('statement_timeout', %s, false),"
        " set_config('default_transaction_read_only', %s, false),"
        # what the database prints is the same everywhere, whatever its own settings are
        " set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO, YMD', false),"
        " set_config('IntervalStyle', 'iso_8601', false)",
        (
            f"{limits.lock_seconds * 1000:.0f}ms",
            f"{limits.statement_seconds * 1000:.0f}ms",
            "on" if read_only else "off",
        ),
    )

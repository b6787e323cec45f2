"""Sessions on PostgreSQL: bounded in time, read-only unless asked, errors in our words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import errors as pg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from streammesh.errors import MeshError
from streammesh.errors.platform import (
    ActionRefused,
    DatabaseFailed,
    DatabaseMissing,
    LoginFailed,
    SettingWrong,
    TlsFailed,
    Unreachable,
)

SYSTEM = "the database"

_KNOWN = ("host", "port", "dbname", "user", "password")

_PREFIX = re.compile(r"(connection failed: )?(connection to server at .*?, port \d+ failed: )?")

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
        return f"{self.host}:{self.port}"

    @classmethod
    def from_url(cls, url: str) -> DatabaseSettings:
        """Read libpq's form of an address, `postgresql://…`.

        Raises:
            SettingWrong: it is none, or names no host, database or user; nothing of it is shown.
        """
        try:
            found = {key: str(value) for key, value in conninfo_to_dict(url).items()}
            port = int(found.get("port") or 5432)
        except (psycopg.Error, ValueError):
            raise SettingWrong(setting="url", system=SYSTEM, problem=_HOW) from None
        missing = [key for key in ("host", "dbname", "user") if not found.get(key)]
        if missing:
            problem = f"it has no {missing[0]}; {_HOW}"
            raise SettingWrong(setting="url", system=SYSTEM, problem=problem)
        return cls(
            host=found["host"],
            port=port,
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
) -> Iterator[psycopg.Connection[Any]]:
    """Open a session in autocommit, and close it after the `with` block.

    Args:
        settings: where, and as whom.
        read_only: whether the database refuses whatever would change something.
        application_name: as `pg_stat_activity` shows it.
        limits: the defaults of `Limits` when None.

    Raises:
        MeshError: Unreachable, LoginFailed, TlsFailed, DatabaseMissing; and for what fails within
            the block ActionRefused or DatabaseFailed.
    """
    limits = limits or Limits()
    try:
        connection = psycopg.connect(
            settings.conninfo(),
            autocommit=True,
            application_name=application_name,
            connect_timeout=max(2, limits.connect_seconds),
        )
    except psycopg.OperationalError as error:
        raise no_connection(error, settings) from error
    try:
        with connection:
            _restrict(connection, limits, read_only=read_only)
            yield connection
    except psycopg.Error as error:
        raise failure(error, settings) from error


def _restrict(connection: psycopg.Connection[Any], limits: Limits, *, read_only: bool) -> None:
    connection.execute(
        "SELECT set_config('lock_timeout', %s, false),"
        " set_config('statement_timeout', %s, false),"
        " set_config('default_transaction_read_only', %s, false)",
        (
            f"{limits.lock_seconds * 1000:.0f}ms",
            f"{limits.statement_seconds * 1000:.0f}ms",
            "on" if read_only else "off",
        ),
    )


def no_connection(error: psycopg.OperationalError, settings: DatabaseSettings) -> MeshError:
    """Give the error for a session that could not be opened.

    libpq gives no error code then, so its words decide.
    """
    text = _PREFIX.sub("", " ".join(str(error).split()))
    address = settings.address
    if "password" in text or "pg_hba.conf" in text or "authentication failed" in text:
        user = settings.username
        return LoginFailed(system=SYSTEM, address=address, user=user, why=text)
    if f'database "{settings.database}" does not exist' in text:
        return DatabaseMissing(address=address, database=settings.database)
    if f'role "{settings.username}" does not exist' in text:
        return LoginFailed(system=SYSTEM, address=address, user=settings.username, why=text)
    if "SSL" in text or "certificate" in text:
        return TlsFailed(system=SYSTEM, address=address, why=text)
    return Unreachable(system=SYSTEM, address=address, why=text)


def failure(error: psycopg.Error, settings: DatabaseSettings) -> MeshError:
    """Give the error for what failed within a session."""
    words = error.diag.message_primary or " ".join(str(error).split())
    why = "\n".join(filter(None, (words, error.diag.message_detail)))
    if isinstance(error, pg.InsufficientPrivilege):
        user = settings.username
        return ActionRefused(system=SYSTEM, user=user, action="do what it was asked for", why=why)
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        return Unreachable(system=SYSTEM, address=settings.address, why=why)
    return DatabaseFailed(address=settings.address, why=why)

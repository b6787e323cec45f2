"""Open a catalog's database by its address."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from streammesh.documents.secrets import resolve
from streammesh.documents.values import Environment
from streammesh.errors.catalog import CatalogAddressWrong, CatalogUnreachable

WAIT_SECONDS = 30
"""How long one writer waits for another."""

WRITES = "streammesh_writes"
"""The execution option of a connection whose transaction will write."""

_FOLDER = ".mesh/catalog"

_NO_HOST = "no host and port that can be read"
_ESCAPED = "in a password `@` is written %40, `/` %2F and `:` %3A"


def catalog_address(root: Path, environment: Environment, environ: Mapping[str, str]) -> str:
    """Give the address of an environment's catalog.

    Args:
        root: the workspace's folder, which holds the file where mesh.toml names no database.
        environment: its `catalog`, with references to secrets.
        environ: environment variables.

    Raises:
        MissingSecret: a variable is not set.
    """
    said = environment.catalog.get("url")
    if said is not None:
        return resolve(said, environ)
    file = root.absolute() / _FOLDER / f"{environment.name}.db"
    return URL.create("sqlite", database=str(file)).render_as_string()


def open_engine(address: str) -> Engine:
    """Give access to a catalog's database; nothing is connected yet, but a file's folder is made.

    Args:
        address: `sqlite:///FILE` or `postgresql+psycopg://…`.

    Raises:
        CatalogAddressWrong: it is of another kind; what may be a password is not shown.
        CatalogUnreachable: a file's folder can't be made.
    """
    try:
        url = make_url(address)
    except ArgumentError:
        raise CatalogAddressWrong(kind="no kind of database") from None
    except ValueError:  # of the port, which may be a part of a password that was not escaped
        raise CatalogAddressWrong(kind=_NO_HOST, fix=_ESCAPED) from None
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        return _sqlite(url)
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        if "@" in f"{url.host}{url.database}":  # what is left of a password with one in it
            raise CatalogAddressWrong(kind=_NO_HOST, fix=_ESCAPED)
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    raise CatalogAddressWrong(kind=url.drivername)


def place_of(url: URL) -> str:
    """Give an address as people may read it: without who logs in, and without options."""
    shown = URL.create(url.drivername, host=url.host, port=url.port, database=url.database)
    return shown.render_as_string()


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise CatalogAddressWrong(kind="a database in memory")
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = f"{folder} can't be made: {error.strerror}"
        raise CatalogUnreachable(place=place_of(url), why=why) from error
    engine = create_engine(url, connect_args={"timeout": WAIT_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: object) -> None:
    """Take transactions from the driver, which would begin none before DDL."""
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    """Let who will write wait at the beginning: it could not wait once it has read."""
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

"""The shop's own database: made, filled, and owned by the shop's own user."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from streammesh.errors.demo import ShopDatabaseFailed
from streammesh.local.info import StackInfo

NAME = "shop"
TABLES = ("cities", "customers", "products", "orders", "order_lines")


@dataclass(frozen=True)
class ShopDatabase:
    """The database as it stands.

    Attributes:
        url: its address, with the shop's user and password.
        tables: how many tables it has.
        rows: how many rows they hold together.
    """

    url: str = field(repr=False)
    tables: int
    rows: int


def prepare(info: StackInfo, workspace: Path, password: str) -> ShopDatabase:
    """Make the database and fill it, unless that was done before.

    Tables and rows come in one transaction: they are all there or none is.

    Args:
        info: the stack with the PostgreSQL server.
        workspace: the folder with `database/schema.sql` and `database/seed.sql`.
        password: of the shop's user, who owns the database and may replicate it.

    Raises:
        ShopDatabaseFailed: a statement failed.
    """
    login = f"{NAME}:{quote(password, safe='')}"
    url = f"postgresql://{login}@{info.postgres_host}:{info.postgres_port}/{NAME}"
    try:
        _create(info.postgres_url("postgres"), password)
        with psycopg.connect(url) as connection:
            if not _exists(connection, "SELECT to_regclass('public.orders')"):
                _fill(connection, workspace / "database")
            return ShopDatabase(url, len(TABLES), _rows(connection))
    except psycopg.Error as error:
        raise ShopDatabaseFailed(why=str(error).strip()) from error


def drop(info: StackInfo) -> None:
    """Remove the database, if nobody replicates it; sessions in it are ended."""
    with psycopg.connect(info.postgres_url("postgres"), autocommit=True) as connection:
        statement = "DROP DATABASE IF EXISTS {} WITH (FORCE)"
        connection.execute(sql.SQL(statement).format(sql.Identifier(NAME)))


def _create(server: str, password: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        user = sql.Identifier(NAME)
        if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", NAME):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN REPLICATION").format(user))
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(user, sql.Literal(password)))
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", NAME):
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(user, user))


def _fill(connection: psycopg.Connection, folder: Path) -> None:
    connection.execute("SET LOCAL synchronous_commit = off")
    for file in ("schema.sql", "seed.sql"):
        connection.execute((folder / file).read_text(encoding="utf-8"))
    connection.commit()


def _rows(connection: psycopg.Connection) -> int:
    counts = " + ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)
    row = connection.execute(f"SELECT {counts}").fetchone()
    return int(row[0]) if row else 0


def _exists(connection: psycopg.Connection, query: str, *parameters: object) -> bool:
    row = connection.execute(query, parameters).fetchone()
    return row is not None and row[0] is not None

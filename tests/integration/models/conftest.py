"""A database with the tables of the unit tests' models."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest
from psycopg import sql

from streammesh.contracts.types import Bytes, Date, Time, Timestamp
from streammesh.local.stack import Stack
from streammesh.models.printing import database_table
from streammesh.models.queries import preview_all
from streammesh.models.storage import quote
from streammesh.models.tables import Column, Table
from tests.unit.models.support import TABLES


class Database:
    """PostgreSQL with the tables; rows go in as Debezium would write them."""

    def __init__(
        self, connection: psycopg.Connection[Any], tables: Sequence[Table] = TABLES
    ) -> None:
        self._connection = connection
        self._tables = tables
        for schema in {one.name.schema for one in tables}:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}")
        for one in tables:
            columns = ", ".join(
                f"{quote(c.name)} {c.database_type}{'' if c.nullable else ' NOT NULL'}"
                for c in one.columns
            )
            key = ", ".join(map(quote, one.primary_key))
            if key:
                columns += f", PRIMARY KEY ({key})"
            connection.execute(f"CREATE TABLE {database_table(one.name)} ({columns})")

    def fill(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        connection = self._connection
        with connection.transaction(), connection.cursor() as cursor:
            for one in self._tables:
                cursor.execute(f"DELETE FROM {database_table(one.name)}")
                given = rows.get(str(one.name)) or rows.get(one.name.name, [])
                places = ", ".join("%s" for _ in one.columns)
                values = [[_input(c, row.get(c.name)) for c in one.columns] for row in given]
                statement = f"INSERT INTO {database_table(one.name)} VALUES ({places})"
                cursor.executemany(statement, values)

    def documents(self, model: Any) -> dict[tuple[Any, ...], Any]:
        found = {}
        for *key, document in self._connection.execute(preview_all(model)):
            found[tuple(key)] = document
        return found

    def query(self, statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, parameters).fetchall()


def _input(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Date | Time | Timestamp) and column.type != Timestamp(zone=True):
        return value.rstrip("Z")
    return f"\\x{value}" if isinstance(column.type, Bytes) else value


@pytest.fixture(scope="session")
def database(stack: Stack) -> Iterator[Database]:
    info = stack.info()
    name = f"models_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(info.postgres_url("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            with psycopg.connect(info.postgres_url(name), autocommit=True) as connection:
                connection.execute("SET timezone = 'Asia/Kathmandu'")
                connection.execute("SET datestyle = 'German'")
                connection.execute("SET synchronous_commit = off")
                yield Database(connection)
        finally:
            statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            admin.execute(statement.format(sql.Identifier(name)))

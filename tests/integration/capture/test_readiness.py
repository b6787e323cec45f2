"""A role that lacks rights is told exactly what to run, and when it has been run all is well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from streammesh.capture.connector import fence
from streammesh.capture.introspect import introspect
from streammesh.capture.publication import Publication, put_publication
from streammesh.capture.readiness import Expectation, Readiness, readiness
from streammesh.capture.server import DatabaseIdentity
from streammesh.documents.values import Secret, Source, TableName
from streammesh.errors import Location
from streammesh.errors.capture import AnotherDatabase, SlotLost
from streammesh.local.stack import Stack

SLOT = "mesh_ready_sales_shop"
SOURCE = Source(
    "sales",
    "shop",
    "postgres",
    Secret(""),
    (TableName("app", "a"), TableName("app", "b")),
    ("app.a.secret",),
    1000,
    Location("shop.source.yaml", 1),
)


@pytest.fixture
def admin(stack: Stack) -> Iterator[psycopg.Connection]:
    """Give a superuser's session of a database whose tables belong to the application."""
    with psycopg.connect(stack.info().postgres_url("postgres"), autocommit=True) as root:
        root.execute("DROP DATABASE IF EXISTS readied WITH (FORCE)")
        root.execute("DROP ROLE IF EXISTS capturer")
        root.execute("CREATE ROLE capturer LOGIN PASSWORD 'capturer'")
        root.execute("CREATE DATABASE readied")
        try:
            with psycopg.connect(stack.info().postgres_url("readied"), autocommit=True) as own:
                own.execute("CREATE SCHEMA app")
                own.execute("CREATE TABLE app.a (id int PRIMARY KEY, name text, secret text)")
                own.execute("CREATE TABLE app.b (id int PRIMARY KEY)")
                yield own
        finally:
            root.execute("DROP DATABASE readied WITH (FORCE)")
            root.execute("DROP ROLE capturer")


@pytest.fixture
def session(stack: Stack, admin: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """Give a session of a role that may do nothing but log in."""
    info = stack.info()
    with psycopg.connect(
        host=info.postgres_host,
        port=info.postgres_port,
        dbname=admin.info.dbname,
        user="capturer",
        password="capturer",
        autocommit=True,
    ) as own:
        yield own


def expected(session: psycopg.Connection) -> Expectation:
    tables = introspect(session, SOURCE)
    return Expectation(SOURCE, tables, Publication(SLOT, SOURCE.tables, generated=True))


def look(session: psycopg.Connection) -> Readiness:
    return readiness(session, expected(session))


def names(found: Readiness) -> list[str]:
    return [type(one).__name__ for one in found.errors]


def test_the_fixes_make_it_ready(session: psycopg.Connection, admin: psycopg.Connection) -> None:
    admin.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public")
    found = look(session)
    assert names(found) == [
        "NoReplicationRight",
        "NoIdentityRight",
        "NoSelectRight",
        "NoPublicationRight",
    ]
    assert "SELECT (id, name) ON app.a" in (found.errors[2].fix or "")
    for error in found.errors:
        lines = (error.fix or "").splitlines()
        statements = [
            line.partition("  --")[0] for line in lines if ";" in line and not line.startswith("--")
        ]
        assert statements
        for statement in statements:
            admin.execute(statement)
    assert look(session).errors == ()


def test_the_role_that_owns_everything_is_ready(admin: psycopg.Connection) -> None:
    found = look(admin)
    assert found.ready
    assert found.server_version == 18
    assert found.identity is not None
    assert found.slot is None


def test_a_publication_that_stands_needs_no_right(
    session: psycopg.Connection, admin: psycopg.Connection
) -> None:
    put_publication(admin, expected(admin).publication)
    assert "NoPublicationRight" not in names(look(session))
    admin.execute(f"ALTER PUBLICATION {SLOT} DROP TABLE app.b")
    (error,) = [one for one in look(session).errors if type(one).__name__ == "NoPublicationRight"]
    assert 'SET TABLE "app"."a", "app"."b"' in (error.fix or "")


def test_another_slot_of_that_name(admin: psycopg.Connection) -> None:
    admin.execute("SELECT pg_create_physical_replication_slot(%s)", (SLOT,))
    try:
        (error,) = look(admin).errors
        assert type(error).__name__ == "SlotTaken"
        assert error.why == "it is a physical slot of the whole server"
    finally:
        admin.execute("SELECT pg_drop_replication_slot(%s)", (SLOT,))


def test_a_missing_slot_of_a_captured_source_is_lost(admin: psycopg.Connection) -> None:
    wanted = expected(admin)
    assert readiness(admin, wanted).broken is None
    assert isinstance(readiness(admin, replace(wanted, captured=True)).broken, SlotLost)
    admin.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (SLOT,))
    try:
        found = readiness(admin, replace(wanted, captured=True))
        assert found.broken is None
        assert found.slot is not None
        assert found.slot in found.slots
        assert not found.slot.active
    finally:
        admin.execute("SELECT pg_drop_replication_slot(%s)", (SLOT,))


@pytest.mark.parametrize("change", [{"system_identifier": "1"}, {"timeline": 99}])
def test_another_database_is_noticed(
    admin: psycopg.Connection, change: dict[str, str | int]
) -> None:
    wanted = expected(admin)
    identity = readiness(admin, wanted).identity
    assert identity is not None
    same = readiness(admin, replace(wanted, identity=identity))
    assert same.broken is None
    before = DatabaseIdentity(
        str(change.get("system_identifier", identity.system_identifier)),
        int(change.get("timeline", identity.timeline)),
    )
    other = readiness(admin, replace(wanted, identity=before))
    assert isinstance(other.broken, AnotherDatabase)


@pytest.mark.parametrize("change", [{"system_identifier": "1"}, {"timeline": 99}])
def test_a_session_of_the_connector_fails_on_another_database(
    admin: psycopg.Connection, change: dict[str, str | int]
) -> None:
    identity = readiness(admin, expected(admin)).identity
    assert identity is not None
    assert admin.execute(fence(identity, "none").encode()).fetchone() == (None,)
    before = replace(identity, **change)
    with pytest.raises(psycopg.DataError, match="another database: system identifier"):
        admin.execute(fence(before, "none").encode())

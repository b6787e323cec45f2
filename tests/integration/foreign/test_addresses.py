"""An address that leads nowhere, or elsewhere: what is said of it, and how soon."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import psycopg
import pytest

from streammesh.documents.values import Secret, Source, TableName
from streammesh.errors import Location, MeshError
from streammesh.local.stack import Stack
from streammesh.planning.observing.databases import PostgresDatabases
from streammesh.platform.database import DatabaseSettings, connect
from tests.integration.foreign.pooler import Pooler

WHERE = Location("stock.source.yaml", 5, 34)
SOURCE = Source(
    "library",
    "stock",
    "postgres",
    Secret("${URL}", WHERE),
    (TableName("public", "books"),),
    (),
    1000,
    WHERE,
    {"database.url": WHERE},
)
PASSWORD = "p@ss:w/rd#100%?& +é\"'\\"
ROLE = "foreign addresses"


@pytest.fixture(scope="module")
def server(stack: Stack) -> Iterator[str]:
    """Give `host:port` of a server with a role whose name and password are awkward."""
    info = stack.info()
    with psycopg.connect(info.postgres_url("postgres"), autocommit=True) as root:
        root.execute(f'DROP ROLE IF EXISTS "{ROLE}"')
        literal = PASSWORD.replace("'", "''")
        root.execute(f"CREATE ROLE \"{ROLE}\" LOGIN PASSWORD '{literal}'")
        yield f"{info.postgres_host}:{info.postgres_port}"
        root.execute(f'DROP ROLE "{ROLE}"')


def url(
    server: str, database: str = "postgres", *, password: str = PASSWORD, more: str = ""
) -> str:
    login = f"{quote(ROLE)}:{quote(password, safe='')}"
    return f"postgresql://{login}@{server}/{quote(database)}{more}"


def refusal(address: str) -> MeshError:
    began = time.monotonic()
    with pytest.raises(MeshError) as failure:
        PostgresDatabases({"URL": address}).observe(SOURCE, "mesh_x")
    assert time.monotonic() - began < 12
    error = failure.value
    assert error.where == WHERE
    assert PASSWORD not in str(error.as_dict())
    return error


def test_a_password_of_any_characters_logs_in(server: str) -> None:
    settings = DatabaseSettings.from_url(url(server))
    with connect(settings) as session:
        assert session.execute("SELECT current_user").fetchone() == (ROLE,)


def name(error: MeshError) -> str:
    return type(error).__name__


def test_what_the_server_refuses(server: str) -> None:
    assert name(refusal(url(server, password="wrong"))) == "LoginFailed"
    missing = refusal(url(server, "no such one"))
    assert name(missing) == "DatabaseMissing"
    assert "no such one" in missing.what


def test_encryption_that_the_server_has_not(server: str) -> None:
    error = refusal(url(server, more="?sslmode=require"))
    assert name(error) == "TlsFailed"
    assert "sslmode=prefer" in (error.fix or "")
    unknown = refusal(url(server, more="?sslmode=always"))
    assert "verify-full" in (unknown.fix or "")
    full = refusal(url(server, more="?sslmode=verify-full&sslrootcert=/none.pem"))
    assert name(full) == "TlsFailed"


def test_nobody_and_no_such_host() -> None:
    assert name(refusal(url("127.0.0.1:9"))) == "Unreachable"
    assert name(refusal(url("[::1]:9"))) == "Unreachable"
    unknown = refusal(url("database.invalid"))
    assert name(unknown) == "Unreachable"
    assert "host name" in (unknown.fix or "")


@pytest.mark.parametrize("other", ["kafka", "registry", "connect"])
def test_what_is_no_database(stack: Stack, other: str) -> None:
    info = stack.info()
    address = {
        "kafka": info.bootstrap_servers,
        "registry": urlsplit(info.registry_url).netloc,
        "connect": urlsplit(info.connect_url).netloc,
    }[other]
    error = refusal(url(address))
    assert name(error) in ("AnotherSystem", "Unreachable")
    assert address in error.what


def test_a_pooler_is_known_by_its_sessions(server: str) -> None:
    host, _, port = server.rpartition(":")
    with Pooler(host, int(port)) as pooler:
        error = refusal(url(f"127.0.0.1:{pooler.port}", more="?sslmode=disable"))
    assert name(error) == "BehindPooler"
    assert "PostgreSQL server itself" in (error.fix or "")

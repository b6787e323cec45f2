from __future__ import annotations

from dataclasses import replace

import pytest

from streammesh.errors.platform import (
    DatabaseFailed,
    DatabaseMissing,
    LoginFailed,
    TlsFailed,
    Unreachable,
)
from streammesh.platform.database import DatabaseSettings, Limits, connect


@pytest.fixture
def settings(info) -> DatabaseSettings:
    return DatabaseSettings.from_url(info().postgres_url("postgres"))


pytestmark = pytest.mark.real


def test_a_session_reads_and_says_who_it_is(settings):
    with connect(settings, application_name="a test") as session:
        assert session.execute("SHOW application_name").fetchone() == ("a test",)
        assert session.execute("SHOW lock_timeout").fetchone() == ("5s",)


def test_a_session_changes_something_only_when_asked(settings, unique):
    with pytest.raises(DatabaseFailed) as failure, connect(settings) as session:
        session.execute(f"CREATE TABLE {unique} (id int)")
    assert "read-only" in failure.value.why
    with connect(settings, read_only=False) as session:
        session.execute(f"CREATE TABLE {unique} (id int)")
        session.execute(f"DROP TABLE {unique}")


def test_a_statement_has_its_time(settings):
    limits = Limits(statement_seconds=0.2)
    with pytest.raises(DatabaseFailed, match="refused"), connect(settings, limits=limits) as one:
        one.execute("SELECT pg_sleep(5)")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"password": "wrong"}, LoginFailed),
        ({"username": "nobody_here"}, LoginFailed),
        ({"database": "no_such_database"}, DatabaseMissing),
        ({"more": {"sslmode": "require"}}, TlsFailed),
        ({"port": 1}, Unreachable),
    ],
)
def test_what_keeps_a_session_from_opening_is_named(settings, change, error):
    with pytest.raises(error), connect(replace(settings, **change)):
        pytest.fail("it opened")

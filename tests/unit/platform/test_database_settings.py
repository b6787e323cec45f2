from __future__ import annotations

import psycopg
import pytest

from streammesh.errors.platform import (
    ActionRefused,
    AnotherSystem,
    DatabaseBusy,
    DatabaseFailed,
    DatabaseMissing,
    LoginFailed,
    NoConnectRight,
    NotAdmitted,
    SettingWrong,
    TlsFailed,
    Unreachable,
)
from streammesh.platform.database import DatabaseSettings
from streammesh.platform.database_failures import Reached, failure, no_connection

REACHED = Reached("db:5432", "shop", "jo")


def test_an_address_is_read_and_its_password_never_shown():
    found = DatabaseSettings.from_url("postgresql://jo:s%40cret@db:15432/shop?sslmode=require")
    assert found == DatabaseSettings("db", 15432, "shop", "jo", "s@cret", {"sslmode": "require"})
    assert "s@cret" not in repr(found)
    assert "s@cret" in found.conninfo()
    assert "sslmode=require" in found.conninfo()


def test_an_ipv6_address_is_shown_as_one():
    found = DatabaseSettings.from_url("postgresql://jo@[::1]:5433/shop")
    assert (found.host, found.address) == ("::1", "[::1]:5433")


def test_the_line_that_admits_is_given_as_it_has_to_be_written():
    words = 'FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "jo", database "shop", '
    found = no_connection(psycopg.OperationalError(words + "no encryption"), REACHED)
    assert "host shop jo 10.0.0.9/32 scram-sha-256" in (found.fix or "")


def test_the_port_has_a_default():
    assert DatabaseSettings.from_url("postgresql://jo@db/shop").port == 5432


@pytest.mark.parametrize(
    "url",
    [
        "s3cret",
        "mysql://jo:s3cret@db/shop",
        "postgresql://jo:s3cret@db:port/shop",
        "postgresql://jo:s3cret@db",
        "postgresql://:s3cret@db/shop",
        "postgresql://jo:s3cret@/shop",
        "",
        "postgresql://jo:s3cret@x@db/shop",
        "postgresql://jo:7/s3cret@db/shop",
        "postgresql://jo:s3cret%zz@db/shop",
        "postgresql://jo:s3cret@db:99999/shop",
        "postgresql://jo:s3cret@a,b/shop",
        "postgresql://jo:s3cret@/shop?host=/run/postgresql",
        "postgresql://jo:s3cret@db/shop?ssl=true&s3cret=1",
    ],
)
def test_what_is_no_address_is_refused_without_showing_it(url):
    with pytest.raises(SettingWrong) as refusal:
        DatabaseSettings.from_url(url)
    assert "s3cret" not in str(refusal.value.as_dict())


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ('FATAL:  password authentication failed for user "jo"', LoginFailed),
        ("fe_sendauth: no password supplied", LoginFailed),
        ('FATAL:  no pg_hba.conf entry for host "h", user "jo", no encryption', NotAdmitted),
        ("FATAL:  permission denied for database shop", NoConnectRight),
        ("FATAL:  sorry, too many clients already", DatabaseBusy),
        ("FATAL:  the database system is starting up", DatabaseBusy),
        ("received invalid response to SSL negotiation: H", AnotherSystem),
        ("server closed the connection unexpectedly", AnotherSystem),
        ('root certificate file "/x.pem" does not exist', TlsFailed),
        ("could not translate host name", Unreachable),
        ('FATAL:  role "jo" does not exist', LoginFailed),
        ('FATAL:  database "shop" does not exist', DatabaseMissing),
        ("server does not support SSL, but SSL was required", TlsFailed),
        ("certificate verify failed", TlsFailed),
        ("Connection refused", Unreachable),
    ],
)
def test_a_session_that_cannot_be_opened_says_why(words, error):
    prefix = 'connection failed: connection to server at "db", port 5432 failed: '
    found = no_connection(psycopg.OperationalError(prefix + words), REACHED)
    assert type(found) is error
    assert found.why is None or found.why == " ".join(words.split())


def test_what_fails_within_a_session_has_its_error():
    denied = psycopg.errors.InsufficientPrivilege("permission denied for table t")
    assert isinstance(failure(denied, REACHED), ActionRefused)
    cut = psycopg.OperationalError("the connection is closed")
    assert isinstance(failure(cut, REACHED), Unreachable)
    assert isinstance(failure(psycopg.errors.QueryCanceled("timeout"), REACHED), DatabaseFailed)

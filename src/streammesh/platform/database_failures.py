"""What PostgreSQL and libpq report, as errors that a person understands."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg import errors as pg

from streammesh.errors import MeshError
from streammesh.errors.platform import (
    ActionRefused,
    AnotherSystem,
    DatabaseBusy,
    DatabaseFailed,
    DatabaseMissing,
    LoginFailed,
    NoConnectRight,
    NotAdmitted,
    TlsFailed,
    Unreachable,
)

SYSTEM = "the database"

_PREFIX = re.compile(r"(connection failed: )?(connection to server at .*?, port \d+ failed: )")
_NOT_ADMITTED = re.compile(r'no pg_hba\.conf entry for host "([^"]*)".*?(no encryption)?$')


@dataclass(frozen=True)
class Reached:
    """What messages may say of a database: never the password.

    Attributes:
        address: `host:port`.
        database: its name.
        username: the role that logs in.
    """

    address: str
    database: str
    username: str


def no_connection(error: psycopg.Error, to: Reached) -> MeshError:
    """Give the error for a session that could not be opened.

    libpq gives no error code then, so its words decide.
    """
    text = _PREFIX.sub("", " ".join(str(error).split())).removeprefix("connection failed: ")
    for words, make in _KNOWN:
        if any(one in text for one in words):
            return make(text, to)
    return Unreachable(system=SYSTEM, address=to.address, why=text)


def _not_admitted(text: str, to: Reached) -> MeshError:
    found = _NOT_ADMITTED.search(text)
    client = found[1] if found else "ADDRESS"
    mask = "128" if ":" in client else "32"
    kind = "host" if found and found[2] else "hostssl"
    return NotAdmitted(
        address=to.address,
        user=to.username,
        database=to.database,
        why=text,
        fix=f"add to the server's pg_hba.conf, then SELECT pg_reload_conf():\n"
        f"{kind} {_hba(to.database)} {_hba(to.username)} {client}/{mask} scram-sha-256\n"
        "(where the server wants encryption: `?sslmode=require` behind the address)",
    )


def _hba(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else f'"{name}"'


def _login(text: str, to: Reached) -> MeshError:
    fix = "check user name and password in the address that the source's variable holds"
    return LoginFailed(system=SYSTEM, address=to.address, user=to.username, why=text, fix=fix)


def _missing(text: str, to: Reached) -> MeshError:
    if f'database "{to.database}" does not exist' in text:
        return DatabaseMissing(address=to.address, database=to.database)
    return _login(text, to)


def _no_connect_right(_text: str, to: Reached) -> MeshError:
    quoted = ('"' + name.replace('"', '""') + '"' for name in (to.database, to.username))
    fix = "GRANT CONNECT ON DATABASE {} TO {};".format(*quoted)
    return NoConnectRight(user=to.username, database=to.database, address=to.address, fix=fix)


def _busy(text: str, to: Reached) -> MeshError:
    return DatabaseBusy(address=to.address, why=text)


def _another(text: str, to: Reached) -> MeshError:
    return AnotherSystem(
        system="a PostgreSQL server",
        address=to.address,
        why=text,
        fix="check host and port of the address",
    )


_TLS_WAYS = {
    "does not support SSL": "let the server speak TLS, or `sslmode=prefer` behind the address",
    "does not exist": "`sslrootcert=…` names a PEM file with the authority of its certificate",
    "certificate verify failed": "`sslrootcert=…` names a PEM file with the authority of its "
    "certificate",
    "does not match host": "use a host name that the certificate has, or `sslmode=verify-ca`",
    "invalid sslmode": "sslmode is disable, allow, prefer, require, verify-ca or verify-full",
}


def _tls(text: str, to: Reached) -> MeshError:
    fix = next((way for words, way in _TLS_WAYS.items() if words in text), None)
    return TlsFailed(system=SYSTEM, address=to.address, why=text, fix=fix)


def _unknown_host(text: str, to: Reached) -> MeshError:
    fix = "check the host name in the address, and that it is known on this machine"
    return Unreachable(system=SYSTEM, address=to.address, why=text, fix=fix)


# in this order: the words of the first ones are the surest
_KNOWN: tuple[tuple[tuple[str, ...], Callable[[str, Reached], MeshError]], ...] = (
    (("no pg_hba.conf entry", "pg_hba.conf rejects"), _not_admitted),
    (("permission denied for database",), _no_connect_right),
    (("password", "authentication failed", "is not permitted to log in"), _login),
    (("root certificate", "sslmode", "does not support SSL", "certificate"), _tls),
    (("does not exist",), _missing),
    (("too many connections", "too many clients", "remaining connection slots"), _busy),
    (("starting up", "shutting down", "not accepting connections", "not yet accepting"), _busy),
    (("invalid response to SSL", "expected authentication request"), _another),
    (("server closed the connection unexpectedly", "unsupported frontend"), _another),
    (("translate host name", "name resolution", "Name or service"), _unknown_host),
    (("SSL",), _tls),
)


def failure(error: psycopg.Error, to: Reached) -> MeshError:
    """Give the error for what failed within a session."""
    words = error.diag.message_primary or " ".join(str(error).split())
    why = "\n".join(filter(None, (words, error.diag.message_detail)))
    if isinstance(error, pg.InsufficientPrivilege):
        user = to.username
        return ActionRefused(system=SYSTEM, user=user, action="do what it was asked for", why=why)
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        return Unreachable(system=SYSTEM, address=to.address, why=why)
    return DatabaseFailed(address=to.address, why=why)

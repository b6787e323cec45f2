"""Where a source is captured: its database without the secret, and the environment's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from streammesh.capture.server import DatabaseIdentity
from streammesh.documents.names import Names


@dataclass(frozen=True)
class DatabaseAddress:
    """Where a PostgreSQL database is, and as whom it is read; never the password.

    Attributes:
        host: name or address of the server.
        port: TCP port.
        database: the database's name.
        user: the role that the connector uses.
        sslmode: as libpq's `sslmode`; empty leaves the driver's default.
        sslrootcert: file of the authority's certificate, on Connect's machine; empty for none.
    """

    host: str
    port: int
    database: str
    user: str
    sslmode: str = ""
    sslrootcert: str = ""


@dataclass(frozen=True)
class CaptureSettings:
    """What an environment adds to a source's file.

    Attributes:
        mesh: the mesh's name.
        names: names of the environment.
        address: where the database is, and as whom.
        password_reference: what Connect replaces by the password, such as `${file:…:…}`. Connect
            shows configurations to whoever asks, so the password itself never stands in one.
        server_version: major version of the database server, as `Readiness` tells it.
        connect_principal: as whom Connect's workers write; empty for `names`'s own.
        identity: which database it is; None when our role may not know.
        topic_defaults: `replication_factor` and `min_insync_replicas`, where given.
    """

    mesh: str
    names: Names
    address: DatabaseAddress
    password_reference: str
    server_version: int
    connect_principal: str = ""
    identity: DatabaseIdentity | None = None
    topic_defaults: Mapping[str, int] = field(default_factory=dict, hash=False)

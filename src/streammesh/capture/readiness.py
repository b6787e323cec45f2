"""Is a database set up to be captured? Everything that is missing, with the statements that fix it.

Nothing is changed here. What a database administrator has to run is printed as it has to be run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import Connection

from streammesh.capture.identifiers import quoted
from streammesh.capture.publication import (
    Publication,
    Slot,
    publication_statements,
    read_publication,
    read_slots,
)
from streammesh.capture.server import (
    DatabaseIdentity,
    Server,
    not_owned,
    other_slot,
    read_identity,
    read_server,
    row_secured,
    unreadable,
)
from streammesh.documents.values import Source
from streammesh.errors import Location, MeshError
from streammesh.errors.capture import (
    AnotherDatabase,
    BehindPooler,
    NoIdentityRight,
    NoneFree,
    NoPublicationRight,
    NoReplicationRight,
    NoSelectRight,
    NotAPrimary,
    RowsHidden,
    SlotLost,
    SlotTaken,
    UnlimitedWal,
    UnsupportedServer,
    WalLevel,
)
from streammesh.models.tables import Table

OLDEST, NEWEST = 14, 18
"""Major versions of PostgreSQL that streammesh supports; it is tested with the newest."""

FENCES = 1
"""Slots and senders kept free for a proof, which makes a temporary slot."""


@dataclass(frozen=True)
class Readiness:
    """What there is, and what stands in the way.

    Attributes:
        server_version: major version.
        identity: which database it is; None when this role may not know.
        publication: as it stands; None when there is none yet.
        slot: the source's slot as it stands; None when there is none.
        slots: all slots of this mesh in this database; one without a source is an orphan.
        errors: what has to be put right before the source can be captured.
        broken: why capture can only go on with a new generation; None when it can.
    """

    server_version: int
    identity: DatabaseIdentity | None
    publication: Publication | None
    slot: Slot | None
    slots: tuple[Slot, ...]
    errors: tuple[MeshError, ...]
    broken: MeshError | None

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.errors


@dataclass(frozen=True)
class Expectation:
    """What is known of a source when its database is looked at.

    Attributes:
        source: as its file says; errors point there.
        tables: as introspected; empty when that failed.
        publication: as wanted.
        slot_prefix: how the names of this mesh's slots begin.
        captured: whether its connector stands already, so that there must be a slot.
        identity: which database it was before; None when not known.
    """

    source: Source
    tables: tuple[Table, ...]
    publication: Publication
    slot_prefix: str = "mesh_"
    captured: bool = False
    identity: DatabaseIdentity | None = None

    @property
    def label(self) -> str:
        """What a person calls the source."""
        return f"{self.source.domain}.{self.source.name}"

    @property
    def where(self) -> Location:
        """The place of the address in the source's file."""
        return self.source.places.get("database.url", self.source.where)


def readiness(connection: Connection, expected: Expectation) -> Readiness:
    """Look at a database, reading only.

    Args:
        connection: a session as the role that the connector will use.
        expected: what is known of the source.
    """
    server = read_server(connection)
    slots = read_slots(connection, expected.slot_prefix)
    slot = next((one for one in slots if one.name == expected.publication.name), None)
    publication = read_publication(connection, expected.publication.name)
    identity = read_identity(connection) if not server.standby else None
    errors = [
        *setting_errors(server, expected, slot),
        *_identity_errors(server, expected, identity),
        *_select_errors(connection, server, expected),
        *_row_security_errors(connection, expected),
        *_publication_errors(connection, server, expected, publication),
        *_slot_errors(connection, expected, slot),
    ]
    broken = _lost(expected, slot) or _replaced(expected, identity)
    return Readiness(server.major, identity, publication, slot, slots, tuple(errors), broken)


def require_supported(connection: Connection, source: Source) -> None:
    """Refuse a server that neither its catalog nor its stream can be read of.

    Raises:
        UnsupportedServer: another version, or what only speaks PostgreSQL's protocol.
        BehindPooler: sessions are lent by a pooler, which hands no replication through.
    """
    where = source.places.get("database.url", source.where)
    label = f"{source.domain}.{source.name}"
    major = connection.info.server_version // 10_000
    if not OLDEST <= major <= NEWEST:
        version = connection.info.parameter_status("server_version") or str(major)
        raise _unsupported(label, version, where)
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    if row is not None and row[0] != connection.info.backend_pid:
        raise BehindPooler(source=label, where=where)


def _unsupported(source: str, version: str, where: Location) -> UnsupportedServer:
    supported = f"{OLDEST} to {NEWEST}"
    return UnsupportedServer(source=source, version=version, supported=supported, where=where)


def setting_errors(server: Server, expected: Expectation, slot: Slot | None) -> Iterator[MeshError]:
    """Give what is wrong with the server's settings and our role's right to replicate.

    Args:
        server: as read.
        expected: what is known of the source.
        slot: the source's slot, which needs no further one.
    """
    yield from _server_errors(server, expected)
    yield from _capacity_errors(server, expected, slot)
    yield from _role_errors(server, expected)


def _server_errors(server: Server, expected: Expectation) -> Iterator[MeshError]:
    source, where = expected.label, expected.where
    if not OLDEST <= server.major <= NEWEST:
        yield _unsupported(source, server.version, where)
    if server.standby:
        yield NotAPrimary(source=source, where=where)
    if server.wal_level != "logical":
        yield WalLevel(
            source=source,
            level=server.wal_level,
            where=where,
            why="without it the write-ahead log does not say which row a change is about",
            fix="ALTER SYSTEM SET wal_level = logical;  -- then restart the server\n"
            "-- Amazon RDS: rds.logical_replication = 1 in the parameter group instead",
        )
    if server.keep_mb < 0:
        yield UnlimitedWal(
            source=source,
            where=where,
            fix="ALTER SYSTEM SET max_slot_wal_keep_size = '50GB';  -- what the disk can bear\n"
            "SELECT pg_reload_conf();\n"
            "-- Amazon RDS: max_slot_wal_keep_size in the parameter group instead",
        )


def _capacity_errors(
    server: Server, expected: Expectation, slot: Slot | None
) -> Iterator[MeshError]:
    wanted = (
        ("max_replication_slots", server.slots, server.slots_used, slot is None),
        ("max_wal_senders", server.senders, server.senders_used, slot is None or not slot.active),
    )
    for setting, total, used, ours_missing in wanted:
        needed = FENCES + ours_missing
        if total - used < needed:
            yield NoneFree(
                source=expected.label,
                setting=setting,
                used=used,
                total=total,
                needed=needed,
                where=expected.where,
                why="one is for the connector, one for the moment of a proof",
                fix=f"ALTER SYSTEM SET {setting} = {used + needed + 2};  -- then restart it\n"
                "-- or drop slots that nobody reads any more: SELECT * FROM pg_replication_slots;",
            )


def _role_errors(server: Server, expected: Expectation) -> Iterator[MeshError]:
    if not server.replication:
        yield NoReplicationRight(
            source=expected.label,
            role=server.role,
            where=expected.where,
            fix=f"ALTER ROLE {quoted(server.role)} REPLICATION;  -- as a superuser\n"
            f"-- Amazon RDS: GRANT rds_replication TO {quoted(server.role)}; instead",
        )


def _identity_errors(
    server: Server, expected: Expectation, identity: DatabaseIdentity | None
) -> Iterator[MeshError]:
    if identity is None and not server.standby:
        yield NoIdentityRight(
            source=expected.label,
            role=server.role,
            where=expected.where,
            fix=f"GRANT EXECUTE ON FUNCTION pg_control_system() TO {quoted(server.role)};",
        )


def _select_errors(
    connection: Connection, server: Server, expected: Expectation
) -> Iterator[MeshError]:
    hidden = unreadable(connection, expected.tables)
    tables = [one for one in expected.tables if (one.name.schema, one.name.name) in hidden]
    if tables:
        role = quoted(server.role)
        schemas = sorted({quoted(table.name.schema) for table in tables})
        grants = [f"GRANT USAGE ON SCHEMA {', '.join(schemas)} TO {role};"]
        grants += [f"GRANT {_select(expected, one)} TO {role};" for one in tables]
        yield NoSelectRight(
            source=expected.label,
            role=server.role,
            tables=", ".join(str(table.name) for table in tables),
            where=expected.where,
            why="the connector reads each table once, to begin with",
            fix="\n".join(grants),
        )


def _select(expected: Expectation, table: Table) -> str:
    """Give the right to read a table, without the columns that are excluded."""
    excluded = any(one.startswith(f"{table.name}.") for one in expected.source.exclude)
    columns = ", ".join(quoted(column.name) for column in table.columns)
    return f"SELECT{f' ({columns})' if excluded else ''} ON {quoted(table.name)}"


def _row_security_errors(connection: Connection, expected: Expectation) -> Iterator[MeshError]:
    hidden = row_secured(connection, expected.tables)
    if hidden:
        role = quoted(connection.info.user)
        yield RowsHidden(
            source=expected.label,
            role=connection.info.user,
            tables=", ".join(hidden),
            where=expected.where,
            fix=f"ALTER ROLE {role} BYPASSRLS;  -- as a superuser",
        )


def _publication_errors(
    connection: Connection,
    server: Server,
    expected: Expectation,
    standing: Publication | None,
) -> Iterator[MeshError]:
    statements = publication_statements(expected.publication, standing)
    if not statements or server.superuser or not expected.tables:
        return
    lacking = not_owned(connection, expected.publication.name, expected.tables)
    if standing is None and not server.may_create:
        lacking = (f"CREATE on database {server.database}", *lacking)
    if lacking:
        yield NoPublicationRight(
            source=expected.label,
            role=server.role,
            what=", ".join(lacking),
            where=expected.where,
            fix="-- as the owner of the tables who may create in the database, or as a superuser\n"
            + "\n".join(f"{statement.as_string(connection)};" for statement in statements),
        )


def _slot_errors(
    connection: Connection, expected: Expectation, slot: Slot | None
) -> Iterator[MeshError]:
    if slot is not None:
        return
    name = expected.publication.name
    taken = other_slot(connection, name)
    if taken is not None:
        yield SlotTaken(
            source=expected.label,
            slot=name,
            where=expected.where,
            why=f"it is {taken}",
            fix=f"SELECT pg_drop_replication_slot('{name}');  -- if nobody needs it",
        )


def _lost(expected: Expectation, slot: Slot | None) -> MeshError | None:
    if not expected.captured or (slot is not None and not slot.lost):
        return None
    return SlotLost(
        source=expected.label,
        slot=expected.publication.name,
        state="missing" if slot is None else "lost",
        position=(slot.confirmed if slot else None) or "the last one captured",
        where=expected.where,
        why="it was dropped, or the connector stood still for longer than "
        "max_slot_wal_keep_size allows",
    )


def _replaced(expected: Expectation, now: DatabaseIdentity | None) -> MeshError | None:
    before = expected.identity
    if before is None or now is None or before == now:
        return None
    if before.system_identifier != now.system_identifier:
        difference = f"system identifier {before.system_identifier}, now {now.system_identifier}"
    else:
        difference = f"timeline {before.timeline}, now {now.timeline}"
    return AnotherDatabase(source=expected.label, difference=difference, where=expected.where)

"""What can be wrong with a source: its tables, its database's settings, its slot."""

from __future__ import annotations

from streammesh.errors.base import CheckFailed, RemoteFailed


class TableMissing(CheckFailed):
    """{source}: the database has no table {table}"""


class NoChangeStream(CheckFailed):
    """{source}: {table} is {kind}, which has no stream of changes"""

    fix = "capture the tables that it is made from, and join them in the model"


class UnloggedTable(CheckFailed):
    """{source}: {table} is {kind}, so its changes never reach the write-ahead log"""


class ExcludedColumnMissing(CheckFailed):
    """{source}: `{column}` in exclude is no column of a captured table"""


class ExcludedKey(CheckFailed):
    """{source}: `{column}` is excluded, but it is part of the key of {table}"""

    why = "the key tells which row a change is about"


class NoKey(CheckFailed):
    """{source}: {table} has no primary key"""


class NoReplicaIdentity(CheckFailed):
    """{source}: {table} has no usable replica identity (it is {identity})"""

    why = "once it is published, the application's own UPDATE and DELETE on it would fail"


class ForeignReplicaIdentity(CheckFailed):
    """{source}: the replica identity of {table} is an index that lacks its key's {columns}"""

    why = "a deletion would tell that index's columns only, and so not which row it was"


class GeneratedColumn(CheckFailed):
    """{source}: {column} is a {kind} generated column"""


class UnsupportedServer(CheckFailed):
    """{source}: the database is PostgreSQL {version}; streammesh supports {supported}"""


class BehindPooler(CheckFailed):
    """{source}: the address is a connection pooler's"""

    why = "a pooler lends a session for a moment; the connector needs one of its own to replicate"
    fix = "give the address of the PostgreSQL server itself"


class RowsHidden(CheckFailed):
    """{source}: row security may hide rows of {tables} from the role {role}"""

    why = "the first reading would lack these rows, while every change of them would arrive"


class NotAPrimary(CheckFailed):
    """{source}: the database is a standby"""

    why = "publication and slot can only be made on the primary"
    fix = "give the primary's address in the source's `database.url`"


class WalLevel(CheckFailed):
    """{source}: the database has wal_level = {level}, capture needs logical"""


class NoneFree(CheckFailed):
    """{source}: {used} of the database's {total} {setting} are in use, capture needs {needed} more"""


class UnlimitedWal(CheckFailed):
    """{source}: the database has no max_slot_wal_keep_size"""

    why = (
        "a connector that stands still keeps the server from removing WAL,\n"
        "and without this limit that fills the disk of the application's database"
    )


class NoReplicationRight(CheckFailed):
    """{source}: the role {role} may not replicate"""


class NoIdentityRight(CheckFailed):
    """{source}: the role {role} may not ask which database it is"""

    why = (
        "every heartbeat tells it, so that a restored or replaced database is noticed;\n"
        "without the right there is no heartbeat, and no snapshot is ever complete"
    )


class NoSelectRight(CheckFailed):
    """{source}: the role {role} may not read {tables}"""


class NoPublicationRight(CheckFailed):
    """{source}: the role {role} may not make its publication: it lacks {what}"""

    why = "a publication needs CREATE on the database, and ownership of each table in it"


class SlotLost(CheckFailed):
    """{source}: the replication slot {slot} is {state}, and changes since {position} are gone"""

    fix = (
        "`mesh apply` starts a new generation: the tables are read again, and products get what\n"
        "differs; what happened in between, commit by commit, can't be had any more"
    )


class SlotTaken(CheckFailed):
    """{source}: the replication slot {slot} exists, but is no slot that streammesh made"""


class AnotherDatabase(CheckFailed):
    """{source}: the database is another one than before ({difference})"""

    why = "positions can go back after a restore or failover, so changes could be missed"
    fix = "`mesh apply` starts a new generation: the tables are read again, and products get what differs"


class ConnectorStuck(RemoteFailed):
    """{source}: the connector {connector} did not {what} within {seconds} seconds"""


class ConnectorFailed(RemoteFailed):
    """{source}: the connector {connector} failed: {cause}"""


class SlotInUse(RemoteFailed):
    """the replication slot {slot} is still read by somebody"""

    why = "a slot that is read can't be dropped, and the connector is stopped already"
    fix = "find it: SELECT * FROM pg_stat_activity JOIN pg_replication_slots ON pid = active_pid;"


class PluginMissing(CheckFailed):
    """{source}: Connect has no plugin {plugin}"""

    fix = (
        "put Debezium's connector for PostgreSQL on the `plugin.path` of its workers, restart them"
    )


class ConnectLoginFailed(CheckFailed):
    """{source}: Connect can't log in at the database as {role}"""


class ConnectorRefused(CheckFailed):
    """{source}: Connect refuses its connector for the setting {setting}"""


class NoConsistentPoint(RemoteFailed):
    """{source}: the database gave no position to read its tables at"""


class TableNotRead(RemoteFailed):
    """{source}: {table} could not be read"""

    fix = "run `mesh apply` again: it goes on where it stopped, with the tables as they are then"


class CopiedRowTooLarge(CheckFailed):
    """{source}: a row of {table} has {size} bytes as text, a record has room for {most}"""

    fix = "exclude the column that holds the large value, then run `mesh apply` again"


class SlotNotMade(RemoteFailed):
    """the database did not make the replication slot {slot}"""

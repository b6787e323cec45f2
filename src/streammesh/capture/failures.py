"""Why a connector failed, in words that say what to do."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from streammesh.errors import MeshError
from streammesh.errors.capture import ConnectorFailed
from streammesh.platform.connect import Connector

LONGEST_CAUSE = 300
"""Characters of a cause that are shown; Debezium prints whole offsets."""


@dataclass(frozen=True)
class _Known:
    """A failure that is known by a part of its trace."""

    sign: re.Pattern[str]
    why: str
    fix: str
    cause: str = ""


_NEW_GENERATION = (
    "`mesh apply` starts a new generation: the tables are read again, and products get what differs"
)
_KNOWN = (
    _Known(
        re.compile(r"no longer available on the server|can no longer get changes from replication"),
        "it was dropped, or the connector stood still for longer than max_slot_wal_keep_size\n"
        "allows; what changed in between, commit by commit, is gone",
        _NEW_GENERATION,
        "its replication slot is lost",
    ),
    _Known(
        re.compile(r"another database: system identifier|the database went back: it is at"),
        "after a failover or a restore, positions can go back, so changes could be lost unseen;\n"
        "nothing of what it is now has been captured",
        _NEW_GENERATION,
    ),
    _Known(
        re.compile(r"Publication autocreation is disabled"),
        "the publication was dropped",
        "`mesh apply` makes it again",
    ),
    _Known(
        re.compile(r"password authentication failed|role .* does not exist"),
        "the database refuses the login",
        "correct the password that the source's `database.url` gives, then run `mesh apply`",
    ),
    _Known(
        re.compile(r"permission denied for (table|schema|view|column)"),
        "the role may not read what it captures",
        "`mesh plan` prints the GRANT that is missing",
    ),
    _Known(
        re.compile(
            r"must be superuser or replication role|permission denied to (start WAL|use rep)"
        ),
        "the role may not replicate",
        "`mesh plan` prints the ALTER ROLE that is missing",
    ),
    _Known(
        re.compile(r"all replication slots are in use|number of requested standby connections"),
        "the database has no replication slot or WAL sender left",
        "`mesh plan` tells how many are in use and which setting to raise",
    ),
    _Known(
        re.compile(r"TopicAuthorizationException|UnknownTopicOrPartition|not present in metadata"),
        "Connect may not write the private log, or the log does not exist",
        "`mesh apply` makes the log and the right again",
    ),
    _Known(
        re.compile(r"RecordTooLargeException"),
        "a row is larger than the 32 MiB, as JSON, that the private log takes (docs/types.md)",
        "exclude the column that holds the large value; or make it smaller in the database, and\n"
        "take a new snapshot: mesh apply --new-snapshot SOURCE",
    ),
    _Known(
        re.compile(
            r"Connection( to .*)? refused|UnknownHostException|The connection attempt failed"
        ),
        "Connect can't reach the database at the address it was given",
        "check `database.url` from the machine on which Connect runs",
    ),
)


def explain(source: str, connector: Connector) -> MeshError:
    """Say why a connector failed.

    Args:
        source: what a person calls the source.
        connector: as it stands, failed.
    """
    trace = "\n".join([connector.trace, *(task.trace for task in connector.tasks)])
    known = next((one for one in _KNOWN if one.sign.search(trace)), None)
    own = connector.cause or "it gives no reason"
    return ConnectorFailed(
        source=source,
        connector=connector.name,
        cause=(known.cause if known else "") or textwrap.shorten(own, LONGEST_CAUSE),
        why=known.why if known else None,
        fix=known.fix if known else "read Connect's log; `mesh apply` starts the connector again",
    )

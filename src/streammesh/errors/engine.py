"""What can stop an engine, and what it says then."""

from __future__ import annotations

from streammesh.errors.base import ExitCode, MeshError, RemoteFailed, UsageError


class StreamsFailed(RemoteFailed):
    """topic `{topic}` can't be read"""

    fix = "check that Kafka is up and that this principal may read the topic (`mesh status`, `mesh plan`)"


class LogUnreadable(RemoteFailed):
    """the private log `{topic}` can't be read"""

    fix = "check that Kafka is up and that the engine's principal may read it (`mesh plan` shows missing rights)"


class EngineFenced(MeshError):
    """another engine of {source} has taken over; this one stopped"""

    exit_code = ExitCode.ENGINE_FENCED
    why = "Kafka lets only the newest engine of a source write. Nothing was lost or doubled."
    fix = "let one engine run for each source; do not restart this one"


class SourceStopped(MeshError):
    """{what}"""

    exit_code = ExitCode.ENGINE_STOPPED_BY_SOURCE


class PositionLost(SourceStopped):
    """the private log `{topic}` no longer holds what the engine has to read next"""

    fix = "take a new snapshot: mesh apply --new-snapshot SOURCE"


class LogReplaced(SourceStopped):
    """the private log `{topic}` is not the one that was read: before offset {offset} is something else"""

    why = "The topic was made anew, or restored to an earlier state."
    fix = "take a new snapshot: mesh apply --new-snapshot SOURCE"


class TableChanged(SourceStopped):
    """{source}: table {table} is not as it was when it was deployed"""

    fix = (
        "mesh plan shows what changed; mesh apply deploys the table as it is and reads it again\n"
        "(mesh apply --new-snapshot SOURCE, where the plan has nothing to do)"
    )


class CopiedRowsGone(SourceStopped):
    """the rows of table {table} that were copied to `{topic}` are not all there any more"""

    fix = "take a new snapshot: mesh apply --new-snapshot SOURCE"


class DatabaseReplaced(SourceStopped):
    """{source}: the log comes from another database than before (was {before}, is {now})"""

    why = "After a failover or a restore, positions can go back, so changes could be lost unseen."
    fix = "when the new database is the right one, take a new snapshot: mesh apply --new-snapshot SOURCE"


class RecordNotUnderstood(SourceStopped):
    """the private log `{topic}` holds a record that is no change, at offset {offset}"""

    fix = "find out who wrote it: only Kafka Connect should have the right to. Then: mesh apply --new-snapshot SOURCE"


class TransactionTorn(SourceStopped):
    """the private log `{topic}` holds only a part of transaction {txid} (noticed at offset {offset})"""

    why = "Kafka Connect stopped within it and did not bring the rest when it came back."
    fix = "take a new snapshot: mesh apply --new-snapshot SOURCE"


class ValueNotUnderstood(SourceStopped):
    """{source}: a value of {table}.{column} can't be kept: {value}"""


class NothingDeployed(UsageError):
    """nothing is deployed for {source}"""

    fix = "mesh apply"


class ProductNotHere(UsageError):
    """no product {product} of {source} is deployed"""


class CommitFailed(RemoteFailed):
    """{source}: events could not be committed to Kafka"""

    fix = "check that Kafka is up (`mesh status`); the engine goes on where it stopped"


class StateInUse(MeshError):
    """the state of {source} is in use by another process on this machine"""

    fix = "let one engine run for each source"


class StateFailed(MeshError):
    """{source}: the state can't be written"""


class SchemaUnknown(RemoteFailed):
    """an event of `{topic}` was written with schema {id}, which is not deployed"""

    why = "Its product was deployed by an earlier version, or its deployment was removed and made anew."
    fix = "apply the product's own files (mesh apply in its workspace): its deployment has its schemas"


class InputNotUnderstood(RemoteFailed):
    """`{topic}` holds an event that its product can't have written, in partition {partition} at offset {offset}"""

    fix = "find out who wrote it: only the product's own engine should have the right to"

"""What can stop a plan, and what can go wrong while it is applied."""

from __future__ import annotations

from streammesh.errors.base import CheckFailed, ExitCode, MeshError, NotAllowed, UsageError


class ForeignResource(CheckFailed):
    """{kind} `{name}` is there already, and streammesh did not create it"""

    why = "only what streammesh created is ever changed or removed"


class PartitionsFixed(CheckFailed):
    """{topic} has {actual} partitions, its contract says {wanted}"""

    why = "a key would move to another partition, and its events would lose their order"


class PartitionsAdded(CheckFailed):
    """somebody gave {topic} {actual} partitions, streammesh made it with {made}"""


class CleanupFixed(CheckFailed):
    """{topic} is `{actual}`, its contract says `cleanup: {wanted}`"""

    why = "consumers rely on what a topic keeps: it never changes within a major version"


class KeyChanged(CheckFailed):
    """the key of {topic} would change"""


class BreakingChange(CheckFailed):
    """{topic}: `{field}` {change}, which breaks its consumers"""


class BreakingChangeGated(CheckFailed):
    """{product}: stopped by policy {policy}: a new major version beside this one, and notice to {whom}"""


class HistoryUnreadable(CheckFailed):
    """{topic}: `{field}` {change}: nobody is known to rely on it, but the topic keeps its history"""


class SchemaBreaks(CheckFailed):
    """{topic}: the registry refuses the new schema as incompatible"""


class SchemaIdChanged(CheckFailed):
    """the registry gives the {part} schema of {topic} the id {actual}; its events carry {recorded}"""

    fix = (
        "restore the registry's data (events hold its ids, nobody can read them otherwise),\n"
        "or publish a new major version of the product"
    )


class TopicNameTooLong(CheckFailed):
    """the topic name `{topic}` has {length} characters, Kafka takes {limit}"""


class TopicNamesCollide(CheckFailed):
    """the topics `{topic}` and `{other}` differ in `.` and `_` only: Kafka's metrics mix them up"""


class TooFewBrokers(CheckFailed):
    """topics shall have {wanted} replicas, but Kafka has {brokers} brokers"""


class TooFewCopies(CheckFailed):
    """`min_insync_replicas` is {in_sync}, more than the {copies} replicas that topics have"""

    why = "nothing could ever be written"
    fix = "lower it below `replication_factor`"


class TransactionTooLarge(CheckFailed):
    """{source}: a transaction of {events} events needs up to {needed} s, the broker allows {allowed} s"""


class ProductTopicGone(CheckFailed):
    """the topic `{topic}` was created by streammesh and is gone, and its events with it"""


class SourceGone(CheckFailed):
    """{source} is no longer in the files, but its database can't be reached to clean up there"""


class SourceStillUsed(CheckFailed):
    """{source} is no longer in the files, but {users} still reads it"""


class ConnectSecretsMissing(UsageError):
    """environment `{environment}` doesn't say where Connect finds the secret `{name}`"""

    why = "Connect shows configurations to whoever asks, so they hold references only."
    fix = 'connect = { …, secrets = "${file:/run/secrets/mesh.properties:NAME}" }'


class PasswordsUnreadable(UsageError):
    """the file of Kafka users' passwords can't be read: {path}"""

    fix = 'MESH_USER_PASSWORDS names a JSON file: {"mesh.sales.reader": "…", …}'


class UserPassword(UsageError):
    """there is no password for the Kafka user `{principal}` in {path}"""

    fix = "add it, or unset MESH_USER_PASSWORDS where somebody else makes the users"


class PlanOutdated(NotAllowed):
    """nothing was changed: another apply or decision changed the mesh since this plan was made"""

    exit_code = ExitCode.FAILED
    fix = "mesh plan, and look at what is left"


class StepFailed(MeshError):
    """could not {step}"""

    def __init__(
        self, cause: MeshError, *, step: str, done: int, left: int, waiting: tuple[str, ...] = ()
    ) -> None:
        """Say how far the apply came.

        Args:
            cause: what the step met.
            step: what the step does, as a verb phrase.
            done: how many steps were done before it.
            left: how many were not begun.
            waiting: for whom those are.
        """
        self.exit_code = cause.exit_code
        self.cause = cause
        again = "then `mesh apply` goes on from there"
        super().__init__(
            step=step,
            done=done,
            left=left,
            where=cause.where,
            why="\n".join(filter(None, [cause.what, cause.why, _so_far(done, left, waiting)])),
            fix=f"{cause.fix}\n{again}" if cause.fix else f"remove the cause, {again}",
        )


def _so_far(done: int, left: int, waiting: tuple[str, ...]) -> str:
    shown = ", ".join(waiting[:5]) + (f" and {len(waiting) - 5:,} more" if waiting[5:] else "")
    for_whom = f": {shown}" if waiting else ""
    return f"{done:,} done before it and kept, {left:,} after it not begun{for_whom}"


class NoSuchSource(UsageError):
    """the workspace has no source `{source}` that could be read anew"""


class ReadsProducts(UsageError):
    """{source} reads products: there is no database to take a snapshot of"""

    fix = "mesh run --rebuild PRODUCT compares a product of it with its topic; products are read anew by the engine itself"


class ProductNotOffered(CheckFailed):
    """{source} reads {product}, which is neither deployed nor in this workspace"""


class ProductCycle(CheckFailed):
    """a product is made of itself: {way}"""

    why = "Each change of one would change the other, and so on for ever."
    fix = "let one of these models read something else"


class ProductStillRead(CheckFailed):
    """{topic} would end, but {readers} still reads it"""

    fix = "take it out of `products` of that source and apply there first"

"""What stops a plan or deserves a thought, beyond the difference of single resources; pure."""

from __future__ import annotations

from collections.abc import Iterator

from streammesh.deployments.deployment import ProductDeployment
from streammesh.deployments.limits import GATHERING_MS, transaction_timeout_ms
from streammesh.documents.names import MAX_TOPIC_LENGTH
from streammesh.documents.values import Environment
from streammesh.errors import MeshError
from streammesh.errors.planning import (
    TooFewBrokers,
    TooFewCopies,
    TopicNamesCollide,
    TopicNameTooLong,
    TransactionTooLarge,
)
from streammesh.planning.findings import Findings, Note
from streammesh.planning.observing.observed import Observed
from streammesh.planning.reading_products import cycles
from streammesh.planning.wanting.built import read_columns
from streammesh.planning.wanting.desired import Desired, WantedSource
from streammesh.planning.wanting.gathering import WantedGathering
from streammesh.planning.wanting.product_wants import DAY_MS, span

SHORT_RETENTION_MS = 3 * DAY_MS
"""A weekend: an engine that is down for longer than its log is kept needs a new snapshot."""


def gates(desired: Desired, observed: Observed) -> Findings:
    """Check everything that is wanted, in the light of what stands."""
    return Findings(
        problems=(
            *_names(desired, observed),
            *_transactions(desired, observed),
            *cycles(desired, observed),
        ),
        notes=tuple(note for one in desired.sources for note in _source_notes(one, desired)),
    )


def replicas(environment: Environment, observed: Observed) -> Iterator[MeshError]:
    """Check that the brokers can keep as many copies as the environment wants."""
    copies = environment.topic_defaults.get("replication_factor", 0)
    in_sync = environment.topic_defaults.get("min_insync_replicas", 0)
    if observed.brokers and copies > observed.brokers:
        yield TooFewBrokers(
            wanted=copies,
            brokers=observed.brokers,
            where=environment.where,
            fix=f"`replication_factor = {observed.brokers}` in its `topic_defaults`, "
            "or start more brokers",
        )
    if copies and in_sync > copies:
        yield TooFewCopies(in_sync=in_sync, copies=copies, where=environment.where)


def _names(desired: Desired, observed: Observed) -> Iterator[MeshError]:
    taken = {_metric(name): name for name in observed.topics}
    for topic in (one.spec.name for one in desired.topics):
        if len(topic) > MAX_TOPIC_LENGTH:
            yield TopicNameTooLong(
                topic=topic,
                length=len(topic),
                limit=MAX_TOPIC_LENGTH,
                fix="give domain, product or port a shorter name",
            )
        other = taken.setdefault(_metric(topic), topic)
        if other != topic:
            fix = "give the product or one of its ports another name"
            yield TopicNamesCollide(topic=topic, other=other, fix=fix)


def _metric(topic: str) -> str:
    """Give the name as Kafka's metrics have it."""
    return topic.replace(".", "_")


def _transactions(desired: Desired, observed: Observed) -> Iterator[MeshError]:
    for source in desired.every_source:
        products = [one.deployment for one in desired.products if _reads(one.deployment, source)]
        needed = transaction_timeout_ms(products)
        if source.deployment.inputs:
            needed = max(needed, GATHERING_MS)
        allowed = observed.max_transaction_ms
        if allowed is not None and needed > allowed:
            yield TransactionTooLarge(
                source=source.owner.label,
                events=f"{sum(one.stream.max_transaction_events for one in products):,}",
                needed=f"{needed / 1000:,.0f}",
                allowed=f"{allowed / 1000:,.0f}",
                fix="lower `max_transaction_events` in the contracts of its products,\n"
                "or raise `transaction.max.timeout.ms` of the brokers",
            )


def _reads(product: ProductDeployment, source: WantedSource | WantedGathering) -> bool:
    deployment = source.deployment
    return (product.domain, product.source) == (deployment.domain, deployment.source)


def _source_notes(wanted: WantedSource, desired: Desired) -> Iterator[Note]:
    retention = wanted.source.retention_ms
    if retention < SHORT_RETENTION_MS:
        text = (
            f"its log is kept {span(retention)}: after a longer outage of the engine "
            "the whole source is read anew"
        )
        where = wanted.source.places.get("retention")
        yield Note(wanted.owner, text, "!", where, standing=True)
    # while a model can't be compiled nobody knows what it reads
    unread = () if desired.incomplete else tuple(_unread(wanted, desired))
    if unread:
        shown = ", ".join(unread[:5]) + (f" and {len(unread) - 5} more" if len(unread) > 5 else "")
        text = f"captured, but no model reads it: {shown}; `exclude` keeps it in the database"
        where = wanted.source.places.get("tables")
        yield Note(wanted.owner, text, "!", where, standing=True)
    yield from (Note(wanted.owner, text, "!") for text in wanted.database.warnings)


def _unread(wanted: WantedSource, desired: Desired) -> Iterator[str]:
    built = (one.built for one in desired.products)
    read = read_columns(built, wanted.source.domain, wanted.source.name)
    for table in wanted.database.tables:
        unread = [one.name for one in table.columns if (table.name, one.name) not in read]
        if len(unread) == len(table.columns):
            yield f"all of {table.name}"
        else:
            # a key can't be excluded
            outside = (name for name in unread if name not in table.primary_key)
            yield from (f"{table.name}.{name}" for name in outside)

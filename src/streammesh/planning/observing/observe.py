"""Read what stands: all systems at once, and in bulk."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any, TypeVar

from streammesh.capture.settings import DatabaseAddress
from streammesh.catalog.registering import asset_of
from streammesh.deployments.deployment import Deployment, ProductDeployment, SourceDeployment
from streammesh.deployments.progress import Input
from streammesh.documents.names import Names
from streammesh.documents.values import Source, Workspace
from streammesh.errors import MeshError, MeshErrors
from streammesh.errors.platform import Unreachable
from streammesh.errors.rendering import flatten
from streammesh.planning.diff.schemas import PARTS, schema_of, subject_of
from streammesh.planning.observing.observed import Observed, SubjectState
from streammesh.planning.observing.use import COMMAND_SECONDS, PLAN_SECONDS, Look, look
from streammesh.planning.steps.register_schema import COMPATIBILITY, Part
from streammesh.planning.systems import DatabaseState, Platform
from streammesh.planning.wanting.desired import Desired
from streammesh.planning.wanting.product_wants import store_topics
from streammesh.platform.connect import Connector
from streammesh.platform.kafka import Topic
from streammesh.platform.registry import RegisteredSchema, Registry
from streammesh.platform.stores import Resource

THREADS = 16

LOOKED_AT = 100
"""Subjects of unchanged products that a plan looks at, each with three requests."""

T = TypeVar("T")


def observe(workspace: Workspace, names: Names, platform: Platform) -> Observed:
    """Read everything but the registry, whose subjects follow from what is read here.

    Raises:
        MeshError: a system outside can't be read. What is wrong with a source's database is no
            error here: it stands in its state.
    """
    sources = tuple(one for domain in workspace.domains.values() for one in domain.databases)
    with ThreadPoolExecutor(THREADS) as pool:
        resources = pool.submit(platform.resources.read)
        topics = pool.submit(_topics, workspace, names, platform, resources)
        acls = pool.submit(platform.kafka.acls)
        users = pool.submit(_users, platform)
        quotas = pool.submit(_quotas, workspace, platform)
        limit = pool.submit(platform.kafka.broker_config, "transaction.max.timeout.ms")
        cluster = pool.submit(platform.kafka.cluster)
        connectors = pool.submit(platform.connect.connectors)
        deployments = pool.submit(platform.deployments.read)
        databases = {
            one: pool.submit(_database, platform, one, names.slot(workspace.mesh, *_id(one)))
            for one in sources
        }
        registry = pool.submit(platform.registry.subjects, names.deployments)
        use = pool.submit(_look, workspace, platform)
        systems = (topics, acls, users, quotas, limit, cluster, connectors, deployments, resources)
        _raise_all((*systems, registry))
        states = {_id(one): state.result() for one, state in databases.items()}
        stands = connectors.result()
        topics_there, deployed = topics.result(), deployments.result()
        return Observed(
            topics=topics_there,
            acls=acls.result(),
            users=users.result(),
            connectors=stands,
            captured=_captured(platform, names, stands, states),
            deployments=deployed,
            resources=resources.result(),
            databases=states,
            subjects={},
            max_transaction_ms=_milliseconds(limit),
            brokers=len(cluster.result().brokers),
            cluster=cluster.result().id,
            engines=_engines(platform, sources, deployed, topics_there),
            quotas=quotas.result(),
            look=use.result(),
        )


def _look(workspace: Workspace, platform: Platform) -> Look:
    """Look at who reads; with time to see all where a version ends, as `mesh retire` has it."""
    over = [asset_of(port) for port in workspace.ports if port.status == "retired"]
    known = platform.catalog.offers() if over and platform.catalog is not None else {}
    ends = any(known.get(one, "retired") != "retired" for one in over)
    seconds = COMMAND_SECONDS if ends else PLAN_SECONDS
    return look(platform.catalog, platform.groups, platform.kafka, seconds)


def _topics(
    workspace: Workspace,
    names: Names,
    platform: Platform,
    resources: Future[Mapping[str, Resource]],
) -> Mapping[str, Topic]:
    """Give all topics; only of our own, a plan has to know the configuration."""
    wait([resources])
    known = {} if resources.exception() else resources.result()
    ours = {one.name for one in known.values() if one.domain in workspace.domains}
    stores = {one.name for one in store_topics(names, {}).values()}
    return platform.kafka.topics(configured=ours | stores)


def _engines(
    platform: Platform,
    sources: Iterable[Source],
    deployed: Mapping[str, Deployment],
    topics: Mapping[str, Topic],
) -> Mapping[tuple[str, str], Input]:
    """Give how far the engines of these sources are, as far as anything is known of it."""
    wanted = {_id(one) for one in sources}
    found = [
        one
        for one in deployed.values()
        if isinstance(one, SourceDeployment)
        and (one.domain, one.source) in wanted
        and one.progress in topics
    ]
    with ThreadPoolExecutor(THREADS) as pool:
        inputs = list(pool.map(platform.engines.progress, found))
    known = zip(found, inputs, strict=True)
    return {(one.domain, one.source): its for one, its in known if its is not None}


def _raise_all(systems: Iterable[Future[Any]]) -> None:
    """Wait for all, and raise what went wrong with any of them, each thing once.

    The registry is only asked whether it is one: what is wanted of it, the databases tell.
    """
    errors = (one.exception() for one in systems)
    each = {(one.what, one.where): one for one in errors if isinstance(one, MeshError)}
    # of several requests to one system some know no more than that nothing came in time
    known = {one.where for one in each.values() if not isinstance(one, Unreachable)} - {None}
    found = [
        one for one in each.values() if not (isinstance(one, Unreachable) and one.where in known)
    ]
    if len(found) > 1:
        raise MeshErrors(tuple(found))
    for one in found:
        raise one


def with_subjects(observed: Observed, desired: Desired, platform: Platform) -> Observed:
    """Read the subjects that the files want, each looked at with its wanted schema.

    A registry has no request for many. Of more than `LOOKED_AT` subjects whose schema is the
    deployed one, that there are such subjects is read at once, and so many are chosen by chance and
    looked at: a registry that was restored or emptied is seen, a single one that was changed by
    hand at one of the next plans.
    """
    wanted = {
        subject_of(one.deployment.topic, part): (one.deployment, part)
        for one in desired.products
        for part in PARTS
    }
    existing = platform.registry.subjects()
    known = {
        name: state
        for name, of in wanted.items()
        if name in existing and (state := _as_deployed(name, *of, observed)) is not None
    }
    for name in random.sample(sorted(known), min(LOOKED_AT, len(known))):
        del known[name]
    asked = {name: schema_of(*of) for name, of in wanted.items() if name not in known}
    asked |= {one.subject: one.schema for one in desired.schemas}
    states = _each(asked.items(), lambda item: _subject(platform.registry, *item, existing))
    return replace(observed, subjects={**known, **dict(zip(asked, states, strict=True))})


def _as_deployed(
    subject: str, wanted: ProductDeployment, part: Part, observed: Observed
) -> SubjectState | None:
    """Give the state that apply left a subject in; None where something is to be done about it."""
    deployed, record = observed.deployments.get(wanted.key), observed.record("subject", subject)
    if not isinstance(deployed, ProductDeployment) or record is None or record.intended:
        return None
    schema, id = schema_of(deployed, part), record.details.get("id")
    if schema != schema_of(wanted, part) or id is None:
        return None
    registered = RegisteredSchema(subject, 0, int(id), schema)
    return SubjectState(latest=registered, registered=registered, compatibility=COMPATIBILITY)


def _each(items: Iterable[T], read: Callable[[T], SubjectState]) -> tuple[SubjectState, ...]:
    with ThreadPoolExecutor(THREADS) as pool:
        return tuple(pool.map(read, items))


def _id(source: Source) -> tuple[str, str]:
    return source.domain, source.name


def _users(platform: Platform) -> frozenset[str] | None:
    return None if platform.credentials is None else frozenset(platform.kafka.users())


def _quotas(workspace: Workspace, platform: Platform) -> Mapping[str, int]:
    consumed = (one for domain in workspace.domains.values() for one in domain.subscriptions)
    return platform.kafka.quotas() if any(not one.principal for one in consumed) else {}


def _milliseconds(limit: Future[str | None]) -> int | None:
    value = limit.result()
    return None if value is None else int(value)


def _database(platform: Platform, source: Source, slot: str) -> DatabaseState:
    try:
        return platform.databases.observe(source, slot)
    except MeshError as error:
        return DatabaseState(DatabaseAddress("", 0, "", ""), (), problems=flatten(error))


def _captured(
    platform: Platform,
    names: Names,
    connectors: Mapping[str, Connector],
    databases: Mapping[tuple[str, str], DatabaseState],
) -> frozenset[str]:
    """Name the connectors that had come somewhere although their slot is gone."""
    without_slot = (
        names.connector(*source) for source, state in databases.items() if state.slot is None
    )
    return frozenset(
        name for name in without_slot if name in connectors and platform.connect.offsets(name)
    )


def _subject(
    registry: Registry, subject: str, schema: str, existing: frozenset[str]
) -> SubjectState:
    if subject not in existing:
        return SubjectState()
    registered = registry.lookup(subject, schema)
    return SubjectState(
        latest=registry.latest(subject),
        registered=registered,
        compatibility=registry.compatibility(subject),
        refused=() if registered else registry.check(subject, schema),
    )

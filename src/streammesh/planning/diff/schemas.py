"""Subjects of the registry: what events are written with, and the ids that they carry."""

from __future__ import annotations

from streammesh.deployments.deployment import ProductDeployment
from streammesh.errors.planning import (
    ForeignResource,
    KeyChanged,
    SchemaBreaks,
    SchemaIdChanged,
)
from streammesh.planning.desired import Desired, WantedProduct
from streammesh.planning.fields import changes
from streammesh.planning.findings import Findings, added, problem, step
from streammesh.planning.observed import Observed, SubjectState
from streammesh.planning.steps.register_schema import (
    COMPATIBILITY,
    Part,
    RegisterSchema,
    fingerprint,
)
from streammesh.planning.steps.set_compatibility import SetCompatibility
from streammesh.platform.stores import Resource

PARTS: tuple[Part, ...] = ("key", "value")
NEW_MAJOR = "take the change back, or publish it as a new major version"


def diff(desired: Desired, observed: Observed) -> Findings:
    """Compare key and value subject of every product."""
    return added(_subject(one, part, observed) for one in desired.products for part in PARTS)


def subject_of(topic: str, part: Part) -> str:
    """Name the subject of a topic's key or value."""
    return f"{topic}-{part}"


def schema_of(deployment: ProductDeployment, part: Part) -> str:
    """Give the schema of a deployment's key or value."""
    return deployment.key_schema if part == "key" else deployment.value_schema


def recorded_id(deployment: ProductDeployment, part: Part, observed: Observed) -> int | None:
    """Give the id under which this very schema was registered before, None for a new schema."""
    schema = schema_of(deployment, part)
    record = observed.record("subject", subject_of(deployment.topic, part))
    if record is not None and record.details.get("schema") == fingerprint(schema):
        known = record.details.get("id")
        if known is not None:
            return int(known)
    deployed = observed.deployments.get(deployment.key)
    if isinstance(deployed, ProductDeployment) and schema_of(deployed, part) == schema:
        return deployed.key_schema_id if part == "key" else deployed.value_schema_id
    return None


def _subject(wanted: WantedProduct, part: Part, observed: Observed) -> Findings:
    deployment = wanted.deployment
    name = subject_of(deployment.topic, part)
    state, record = observed.subjects.get(name, SubjectState()), observed.record("subject", name)
    if state.latest is not None and record is None:
        fix = "give the product another name, or delete that subject if nobody needs it"
        return problem(ForeignResource(kind="subject", name=name, fix=fix))
    expected = recorded_id(deployment, part, observed)
    if state.registered is None and _told_by_fields(wanted, part, observed):
        return Findings()
    if state.registered is None:
        return _missing(wanted, part, state, expected)
    return _registered(wanted, part, state, record, expected)


def _told_by_fields(wanted: WantedProduct, part: Part, observed: Observed) -> bool:
    """Tell whether the comparison with what runs stops it already, field by field."""
    old = observed.deployments.get(wanted.deployment.key)
    if not isinstance(old, ProductDeployment):
        return False
    if part == "key":
        return old.key_schema != wanted.deployment.key_schema
    return any(one.breaks for one in changes(old.contract, wanted.deployment.contract))


def _missing(
    wanted: WantedProduct, part: Part, state: SubjectState, expected: int | None
) -> Findings:
    deployment = wanted.deployment
    where = wanted.built.contract.places.get("")
    if state.latest is not None and part == "key":
        why = "The registry's key schema is another one: a key's bytes would be another key."
        return problem(KeyChanged(topic=deployment.topic, where=where, why=why, fix=NEW_MAJOR))
    if state.refused:
        why = "\n".join(state.refused)
        return problem(SchemaBreaks(topic=deployment.topic, where=where, why=why, fix=NEW_MAJOR))
    return step(_register(wanted, part, first=state.latest is None, expected=expected))


def _registered(
    wanted: WantedProduct,
    part: Part,
    state: SubjectState,
    record: Resource | None,
    expected: int | None,
) -> Findings:
    assert state.registered is not None  # noqa: S101 - the caller looked
    actual, topic = state.registered.id, wanted.deployment.topic
    if expected not in (None, actual):
        error = SchemaIdChanged(part=part, topic=topic, actual=actual, recorded=expected)
        return problem(error)
    if record is None or record.intended or "id" not in record.details:
        return step(_register(wanted, part, first=False, expected=expected))
    if state.compatibility != COMPATIBILITY:
        name = subject_of(topic, part)
        return step(SetCompatibility(wanted.owner, name, state.compatibility))
    return Findings()


def _register(
    wanted: WantedProduct, part: Part, *, first: bool, expected: int | None
) -> RegisterSchema:
    deployment = wanted.deployment
    return RegisterSchema(
        owner=wanted.owner,
        subject_name=subject_of(deployment.topic, part),
        topic=deployment.topic,
        part=part,
        schema=schema_of(deployment, part),
        first=first,
        recorded_id=expected,
    )

"""Subjects of the registry: what events are written with, and the ids that they carry."""

from __future__ import annotations

from collections.abc import Iterator

from streammesh.deployments.deployment import ProductDeployment
from streammesh.errors import Location
from streammesh.errors.planning import (
    ForeignResource,
    KeyChanged,
    SchemaBreaks,
    SchemaIdChanged,
)
from streammesh.planning.findings import Findings, added, problem, step
from streammesh.planning.observing.observed import Observed, SubjectState
from streammesh.planning.steps.register_schema import (
    COMPATIBILITY,
    Part,
    RegisterSchema,
    fingerprint,
)
from streammesh.planning.steps.set_compatibility import SetCompatibility
from streammesh.planning.wanting.desired import Desired, WantedProduct
from streammesh.planning.wanting.wanted import WantedSchema
from streammesh.planning.weighing.fields import changes
from streammesh.platform.stores import Resource

PARTS: tuple[Part, ...] = ("key", "value")
NEW_MAJOR = "take the change back, or publish it as a new major version"


def diff(desired: Desired, observed: Observed) -> Findings:
    """Compare key and value subject of every product, and those of what the mesh itself writes."""
    products = (_of_product(one, part, observed) for one in desired.products for part in PARTS)
    own = (_subject(one, observed, None) for one in desired.schemas)
    return added((*products, *own))


def every_schema(desired: Desired) -> Iterator[WantedSchema]:
    """Give all schemas that are wanted, the products' first."""
    for one in desired.products:
        yield from (_wanted(one, part) for part in PARTS)
    yield from desired.schemas


def subject_of(topic: str, part: Part) -> str:
    """Name the subject of a topic's key or value."""
    return f"{topic}-{part}"


def schema_of(deployment: ProductDeployment, part: Part) -> str:
    """Give the schema of a deployment's key or value."""
    return deployment.key_schema if part == "key" else deployment.value_schema


def _wanted(one: WantedProduct, part: Part) -> WantedSchema:
    deployment = one.deployment
    return WantedSchema(one.owner, deployment.topic, part, schema_of(deployment, part))


def _of_product(one: WantedProduct, part: Part, observed: Observed) -> Findings:
    return _subject(_wanted(one, part), observed, one)


def _recorded_id(
    wanted: WantedSchema, observed: Observed, product: WantedProduct | None
) -> int | None:
    """Give the id under which this very schema was registered before, None for a new schema."""
    record = observed.record("subject", wanted.subject)
    if record is not None and record.details.get("schema") == fingerprint(wanted.schema):
        known = record.details.get("id")
        if known is not None:
            return int(known)
    deployed = None if product is None else observed.deployments.get(product.deployment.key)
    if not isinstance(deployed, ProductDeployment):
        return None
    if schema_of(deployed, wanted.part) != wanted.schema:
        return None
    return deployed.key_schema_id if wanted.part == "key" else deployed.value_schema_id


def _subject(wanted: WantedSchema, observed: Observed, product: WantedProduct | None) -> Findings:
    name = wanted.subject
    state, record = observed.subjects.get(name, SubjectState()), observed.record("subject", name)
    if state.latest is not None and record is None and not _own(state, product):
        fix = "give the product another name, or delete that subject if nobody needs it"
        if product is None:
            fix = "delete that subject if nobody needs it: what the mesh itself writes is called so"
        return problem(ForeignResource(kind="subject", name=name, fix=fix))
    expected = _recorded_id(wanted, observed, product)
    if state.registered is None and _told_by_fields(product, wanted.part, observed):
        return Findings()
    if state.registered is None:
        return _missing(wanted, state, expected, product)
    return _registered(wanted, state, record, expected)


def _own(state: SubjectState, product: WantedProduct | None) -> bool:
    """Tell whether a subject without a record is the mesh's own: its name is, and its schema."""
    return product is None and state.registered is not None


def _told_by_fields(product: WantedProduct | None, part: Part, observed: Observed) -> bool:
    """Tell whether the comparison with what runs stops it already, field by field."""
    old = None if product is None else observed.deployments.get(product.deployment.key)
    if product is None or not isinstance(old, ProductDeployment):
        return False
    if part == "key":
        return old.key_schema != product.deployment.key_schema
    return any(one.breaks for one in changes(old.contract, product.deployment.contract))


def _missing(
    wanted: WantedSchema, state: SubjectState, expected: int | None, product: WantedProduct | None
) -> Findings:
    if state.latest is not None and wanted.part == "key":
        why = "The registry's key schema is another one: a key's bytes would be another key."
        where = _place(product)
        return problem(KeyChanged(topic=wanted.topic, where=where, why=why, fix=NEW_MAJOR))
    if state.refused:
        why, where = "\n".join(state.refused), _place(product)
        return problem(SchemaBreaks(topic=wanted.topic, where=where, why=why, fix=NEW_MAJOR))
    return step(_register(wanted, first=state.latest is None, expected=expected))


def _place(product: WantedProduct | None) -> Location | None:
    return None if product is None else product.built.contract.places.get("")


def _registered(
    wanted: WantedSchema, state: SubjectState, record: Resource | None, expected: int | None
) -> Findings:
    assert state.registered is not None  # noqa: S101 - the caller looked
    actual = state.registered.id
    if expected not in (None, actual):
        error = SchemaIdChanged(
            part=wanted.part, topic=wanted.topic, actual=actual, recorded=expected
        )
        return problem(error)
    if record is None or record.intended or "id" not in record.details:
        return step(_register(wanted, first=False, expected=expected))
    if state.compatibility != COMPATIBILITY:
        return step(SetCompatibility(wanted.owner, wanted.subject, state.compatibility))
    return Findings()


def _register(wanted: WantedSchema, *, first: bool, expected: int | None) -> RegisterSchema:
    return RegisterSchema(
        owner=wanted.owner,
        subject_name=wanted.subject,
        topic=wanted.topic,
        part=wanted.part,
        schema=wanted.schema,
        first=first,
        recorded_id=expected,
    )

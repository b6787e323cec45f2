"""What streammesh created for this workspace's domains and nothing wants any more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from streammesh.deployments.deployment import Deployment, ProductDeployment
from streammesh.errors.planning import ProductStillRead, SourceStillUsed
from streammesh.planning.claims import acl_resource, recorded_acl
from streammesh.planning.diff.access import owners_of
from streammesh.planning.diff.schemas import PARTS, subject_of
from streammesh.planning.findings import Findings, Note, added, problem
from streammesh.planning.observing.observed import Observed
from streammesh.planning.owner import Owner, mesh_owner, of_consumer, recorded_owner
from streammesh.planning.reading_products import Reader, named, readers
from streammesh.planning.steps.base import Step
from streammesh.planning.steps.delete_access import DeleteAccess
from streammesh.planning.steps.delete_connector import DeleteConnector
from streammesh.planning.steps.delete_quota import DeleteQuota
from streammesh.planning.steps.delete_subject import DeleteSubject
from streammesh.planning.steps.delete_topic import DeleteTopic
from streammesh.planning.steps.delete_user import DeleteUser
from streammesh.planning.steps.drop_capture import DropCapture
from streammesh.planning.steps.forget import Forget
from streammesh.planning.steps.remove_deployment import RemoveDeployment
from streammesh.planning.wanting.desired import Desired
from streammesh.platform.stores import HISTORY, Resource


def diff(desired: Desired, observed: Observed, *, delete_data: bool = False) -> Findings:
    """Compare what is recorded and deployed with what is wanted.

    Args:
        desired: what the files want.
        observed: what stands.
        delete_data: topics and subjects of products go as well, with all their events.
    """
    unwanted = _unwanted(desired, observed)
    return added(
        (
            _deployments(desired, observed),
            Findings(steps=tuple(_access(unwanted, desired))),
            Findings(steps=tuple(_rest(unwanted, observed))),
            _data(unwanted, observed, desired.retired, delete_data=delete_data),
        )
    )


def _unwanted(desired: Desired, observed: Observed) -> tuple[Resource, ...]:
    wanted = _wanted_keys(desired)
    return tuple(
        one
        for key, one in sorted(observed.resources.items())
        if key not in wanted
        and (_is_cut(one, desired) or one.domain in desired.domains or _has_left(one, desired))
        and one.owner not in desired.incomplete
    )


def _is_cut(one: Resource, desired: Desired) -> bool:
    """Tell whether it is a right of a consumer that ends, maybe of another domain's."""
    return one.kind == "acl" and of_consumer(one.owner) and recorded_acl(one) in desired.cut


def _has_left(one: Resource, desired: Desired) -> bool:
    """Tell whether it is there for a consumer of a domain whose files are gone."""
    return of_consumer(one.owner) and one.domain in desired.left


def _wanted_keys(desired: Desired) -> frozenset[str]:
    acls = (acl_resource(acl, owner).key for acl, owner in owners_of(desired).items())
    subjects = (
        f"subject/{subject_of(one.deployment.topic, part)}"
        for one in desired.products
        for part in PARTS
    )
    connectors = (f"connector/{one.wants.connector}" for one in desired.sources)
    publications = (f"publication/{one.wants.publication.name}" for one in desired.sources)
    topics = (f"topic/{one.spec.name}" for one in desired.topics)
    histories = (f"{HISTORY}/{one.deployment.topic}" for one in desired.products)
    users = (f"user/{one.principal}" for one in desired.users)
    quotas = (f"quota/{one.principal}" for one in desired.quotas)
    shared = (acl_resource(one, mesh_owner()).key for one in desired.shared)
    rest = (*topics, *histories, *users, *quotas, *shared)
    return frozenset((*acls, *subjects, *connectors, *publications, *rest))


def _deployments(desired: Desired, observed: Observed) -> Findings:
    wanted = {one.deployment.key for one in desired.every_source}
    wanted |= {one.deployment.key for one in desired.products}
    read = readers(desired, observed)
    ended = (
        _ended(one, desired, read.get(getattr(one, "topic", ""), ()))
        for key, one in sorted(observed.deployments.items())
        if one.domain in desired.domains and key not in wanted | desired.incomplete
    )
    return added(ended)


def _ended(deployment: Deployment, desired: Desired, read: Sequence[Reader]) -> Findings:
    owner = recorded_owner(deployment.key, deployment.domain)
    if read and isinstance(deployment, ProductDeployment):
        sources = frozenset(one.source for one in read)
        return problem(
            ProductStillRead(topic=deployment.topic, readers=named(read), sources=sources)
        )
    users = _users_of(deployment, desired)
    if users:
        return problem(SourceStillUsed(source=owner.label, users=users))
    retired = deployment.key in desired.retired
    reason = f"{owner.label} is {'retired' if retired else 'no longer in the files'}"
    return Findings(steps=(RemoveDeployment(owner, deployment.key, reason),))


def _users_of(deployment: Deployment, desired: Desired) -> str:
    if isinstance(deployment, ProductDeployment):
        return ""
    return ", ".join(
        one.owner.label
        for one in desired.products
        if (one.deployment.domain, one.deployment.source) == (deployment.domain, deployment.source)
    )


def _access(unwanted: Iterable[Resource], desired: Desired) -> Iterator[Step]:
    groups: dict[tuple[Owner, str, str], list[Resource]] = {}
    for one in unwanted:
        if one.kind == "acl":
            owner, acl = recorded_owner(one.owner, one.domain), recorded_acl(one)
            key = (owner, acl.principal, desired.cut.get(acl, ""))
            groups.setdefault(key, []).append(one)
    for (owner, principal, cut), records in groups.items():
        yield DeleteAccess(owner, principal, tuple(records), cut)


def _rest(unwanted: Iterable[Resource], observed: Observed) -> Iterator[Step]:
    """Give a step for each resource but access rights and what holds a product's events."""
    for one in unwanted:
        owner = recorded_owner(one.owner, one.domain)
        match one.kind:
            case "user" if of_consumer(one.owner) or one.name in (observed.users or ()):
                yield DeleteUser(owner, one)
            case "quota":
                yield DeleteQuota(owner, one)
            case "connector" if one.name in observed.connectors:
                yield DeleteConnector(owner, one)
            case "publication":
                yield DropCapture(owner, one)
            case "topic" if not _holds_events(one) and one.name in observed.topics:
                yield DeleteTopic(owner, one)
            case "user" | "connector":
                yield Forget(owner, (one,))
            case "topic" | "history" if one.name not in observed.topics:
                yield Forget(owner, (one,))


def _holds_events(one: Resource) -> bool:
    return one.kind in ("topic", "subject") and one.owner.startswith("product/")


def _data(
    unwanted: Iterable[Resource], observed: Observed, retired: frozenset[str], *, delete_data: bool
) -> Findings:
    """Delete what holds events of what is retired, else where asked to; or say that it stays."""
    kept = [
        one
        for one in unwanted
        if _holds_events(one) and (one.kind == "subject" or one.name in observed.topics)
    ]
    gone = [one for one in kept if delete_data or one.owner in retired]
    going = {one.key for one in gone}
    topics: dict[Owner, list[str]] = {}
    for one in kept:
        if one.kind == "topic" and one.key not in going:
            topics.setdefault(recorded_owner(one.owner, one.domain), []).append(one.name)
    return Findings(
        steps=tuple(_deleted(one, retired) for one in gone),
        notes=tuple(_kept(owner, names) for owner, names in topics.items()),
    )


def _deleted(one: Resource, retired: frozenset[str]) -> Step:
    owner = recorded_owner(one.owner, one.domain)
    if one.kind == "topic":
        return DeleteTopic(owner, one, retired=one.owner in retired)
    return DeleteSubject(owner, one)


def _kept(owner: Owner, topics: list[str]) -> Note:
    # the product's own topic first, then the private ones
    names = ", ".join(sorted(topics, key=lambda name: (name.startswith("_"), name)))
    text = f"its topics stay with all their events, `--delete-data` deletes them: {names}"
    return Note(owner, text, standing=True)

"""Subscriptions that can't be: of what is not there or not offered, as nobody's user; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from streammesh.catalog.access import AccessRecord, State
from streammesh.delivery.access import overlapping, reserved
from streammesh.documents.nearest import nearest
from streammesh.documents.values import ProductName, Subscription
from streammesh.errors import MeshError
from streammesh.errors.access import PrincipalReserved, PrincipalsOverlap, VersionNotOffered
from streammesh.errors.documents import UnknownReference
from streammesh.planning.access.offered import (
    DEPRECATED,
    RETIRED,
    Offered,
    Offers,
    active_instead,
    siblings,
    version_of,
)

_STANDING = frozenset({State.REQUESTED, State.GRANTED, State.DENIED, State.REVOKED, State.EXPIRED})
"""Who asked while a version was offered may keep the file when it is deprecated or retired."""


def label(one: Subscription) -> str:
    """Name a subscription as people do."""
    return f"{one.domain}/{one.name}"


def unknown(one: Subscription, offers: Offers) -> Iterator[MeshError]:
    """Find what a subscription names and what is not there: product, version or fields."""
    name = version_of(one)
    offered = offers.get(str(name))
    if offered is None:
        yield _unknown_version(one, name, offers)
    elif offered.classifications:
        yield from _unknown_fields(one, offered)


def _unknown_version(one: Subscription, name: ProductName, offers: Offers) -> MeshError:
    majors = sorted(str(each.name.major) for each in siblings(name, offers.values()))
    if majors:
        where, fix = one.places.get("version"), f"write {_newest(name, offers)}"
        return UnknownReference(
            owner=one.product, kind="major version", name=str(one.version), where=where, fix=fix
        )
    known = {_label(each.name) for each in offers.values() if each.name.domain == name.domain}
    if not known:
        known = {_label(each.name) for each in offers.values()}
    where, close = one.places.get("product"), nearest(one.product, known)
    fix = close or f"apply domain {name.domain} first: the catalog knows nothing of it"
    owner = f"domain {name.domain}"
    return UnknownReference(owner=owner, kind="product", name=one.product, where=where, fix=fix)


def _newest(name: ProductName, offers: Offers) -> int:
    active = active_instead(name, offers)
    if active is not None:
        return active.name.major
    return max(each.name.major for each in siblings(name, offers.values()))


def _label(name: ProductName) -> str:
    base = f"{name.domain}.{name.product}"
    return base if name.port == name.product else f"{base}.{name.port}"


def _unknown_fields(one: Subscription, offered: Offered) -> Iterator[MeshError]:
    for index, path in enumerate(one.fields):
        if path not in offered.classifications:
            where, fix = one.places.get(f"fields[{index}]"), nearest(path, offered.classifications)
            owner = f"the contract of {offered.asset}"
            yield UnknownReference(owner=owner, kind="field", name=path, where=where, fix=fix)


def not_offered(
    one: Subscription, offered: Offered, before: AccessRecord | None, offers: Offers
) -> Iterator[MeshError]:
    """Refuse a new subscription to a version that is deprecated or retired.

    Another application in one that is there is as new.
    """
    if offered.status not in (DEPRECATED, RETIRED):
        return
    if before is not None and before.state in _STANDING and same_reader(one, before):
        return
    active = active_instead(offered.name, offers)
    fix = "ask its owner: no version of it is active"
    if active is not None:
        fix = f"write `version: {active.name.major}`: {active.asset} is active"
    elif offered.people:
        fix += f" ({offered.people})"
    yield VersionNotOffered(
        subscription=label(one),
        asset=offered.asset,
        status=offered.status,
        where=one.places.get("version", one.where),
        fix=fix,
    )


def same_reader(one: Subscription, before: AccessRecord) -> bool:
    """Tell whether who asks now is who asked before."""
    return (before.consumer, before.principal) == (one.consumer, one.principal or "")


def bad_principals(
    subscriptions: Sequence[Subscription], principals: Sequence[str], known: Collection[str]
) -> Iterator[tuple[Subscription, MeshError]]:
    """Find principals that no consumer may have, and those whose groups would be another's.

    Args:
        subscriptions: of the files.
        principals: of each, without `User:`.
        known: principals of other consumers.
    """
    overlaps = overlapping({*principals, *known})
    covered = {shorter: longer for longer, shorter in overlaps.items()}
    for one, principal in zip(subscriptions, principals, strict=True):
        where = one.places.get("principal", one.where)
        other = overlaps.get(principal) or covered.get(principal)
        if one.principal and reserved(principal):
            said = one.principal
            yield one, PrincipalReserved(subscription=label(one), principal=said, where=where)
        elif other:
            yield one, PrincipalsOverlap(principal=principal, other=other, where=where)

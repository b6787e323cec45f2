"""Access rights: what is missing is created, one step for each owner and principal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from streammesh.planning import claims
from streammesh.planning.findings import Findings
from streammesh.planning.observing.observed import Observed
from streammesh.planning.owner import Owner, of_consumer
from streammesh.planning.steps.confirm import Confirm
from streammesh.planning.steps.create_access import CreateAccess
from streammesh.planning.wanting.desired import Desired
from streammesh.platform.kafka import Acl


def diff(desired: Desired, observed: Observed) -> Findings:
    """Compare the rights; one that stands without being ours is as good, and stays not ours."""
    wanted = owners_of(desired)
    missing = {acl: owner for acl, owner in wanted.items() if acl not in observed.acls}
    created = (
        CreateAccess(owner, principal, acls)
        for (owner, principal), acls in _grouped(missing).items()
    )
    return Findings(steps=(*created, *_confirmed(wanted, observed, desired.domains)))


def owners_of(desired: Desired) -> Mapping[Acl, Owner]:
    """Give each wanted right with the owner that wants it first."""
    owners: dict[Acl, Owner] = {}
    for one in desired.acls:
        owners.setdefault(one.acl, one.owner)
    return owners


def _grouped(acls: Mapping[Acl, Owner]) -> dict[tuple[Owner, str], tuple[Acl, ...]]:
    groups: dict[tuple[Owner, str], tuple[Acl, ...]] = {}
    for acl, owner in acls.items():
        key = (owner, acl.principal)
        groups[key] = (*groups.get(key, ()), acl)
    return groups


def _confirmed(
    wanted: Mapping[Acl, Owner], observed: Observed, domains: Collection[str]
) -> Iterable[Confirm]:
    """Complete records, and let those of a consumer follow who wants the right now."""
    for acl, owner in wanted.items():
        ours = claims.acl_resource(acl, owner)
        record = observed.resources.get(ours.key)
        if record is None or acl not in observed.acls:
            continue
        moved = of_consumer(owner.key) and record.owner != owner.key and record.domain in domains
        if record.intended or moved:
            yield Confirm(owner, (ours if moved else record,))

"""What changes for consumers of a port since it was applied; pure."""

from __future__ import annotations

from streammesh.catalog.known_versions import KnownVersion
from streammesh.contracts.changes.change import Change
from streammesh.documents.values import Domain, Port
from streammesh.models.changes import Version, changes


def changes_of(port: Port, domain: Domain, known: KnownVersion) -> tuple[Change, ...]:
    """Give what changes between a version as it was applied and a port of the files.

    Args:
        port: as in the files.
        domain: its domain.
        known: the version to compare with: the port's own, or the major version before it.

    Raises:
        MeshErrors: the contract is none.
        ModelError: the model is none.
    """
    old = Version(known.contract, known.model, known.owner)
    owner = {name: said for name, said in domain.owner.items() if said}
    return changes(old, Version(port.contract, port.model, owner, owner_at=domain.where))

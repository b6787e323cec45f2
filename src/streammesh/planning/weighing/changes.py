"""What changes for consumers of a port since it was applied; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from streammesh.catalog.known_versions import KnownVersion
from streammesh.contracts.changes.change import Change
from streammesh.documents.values import Domain, Port
from streammesh.models.changes import Version, changes


def changes_of(port: Port, known: KnownVersion, domain: Domain | None = None) -> tuple[Change, ...]:
    """Give what changes between a version as it was applied and a port of the files.

    Args:
        port: as in the files.
        known: the version to compare with: the port's own, or the major version before it.
        domain: its domain; None where it is told elsewhere that its owner changes.

    Raises:
        MeshErrors: the contract is none.
        ModelError: the model is none.
    """
    old = Version(known.contract, known.model, known.owner)
    new = Version(port.contract, port.model, known.owner)
    if domain is not None:
        new = replace(new, owner=owner_of(domain), owner_at=domain.where)
    return changes(old, new)


def owner_of(domain: Domain) -> Mapping[str, str]:
    """Give who owns a domain, as the catalog keeps it: `team`, `email`, `chat` if they are said."""
    return {name: said for name, said in domain.owner.items() if said}

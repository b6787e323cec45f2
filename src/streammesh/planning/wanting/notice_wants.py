"""The product `mesh.notices` in a plan: its schemas, who may read it, what the catalog knows of it.

Values only. Its topic is one of the mesh's own (`product_wants.store_topics`), and nothing of it is
ever seen as unwanted: it stays as long as the mesh.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from streammesh.delivery.access import topic_acls
from streammesh.documents.names import MESH, Names
from streammesh.documents.values import Workspace
from streammesh.notices import product
from streammesh.planning.owner import Owner, domain_owner, mesh_owner
from streammesh.planning.wanting.wanted import WantedSchema
from streammesh.platform.kafka import Acl


def notice_readers(workspace: Workspace, names: Names) -> Iterator[tuple[Owner, Acl]]:
    """Let the reader of each domain read what consumers are told; they get it with their access."""
    for name in sorted(workspace.domains):
        for acl in topic_acls(names.reader_principal(name), names.notices):
            yield domain_owner(name), acl


def notice_schemas(names: Names) -> tuple[WantedSchema, WantedSchema]:
    """Give the schemas of its keys and values."""
    key, value = product.schemas(names)
    return (
        WantedSchema(mesh_owner(), names.notices, "key", key),
        WantedSchema(mesh_owner(), names.notices, "value", value),
    )


def with_notices(workspace: Workspace, known: Mapping[str, str] | None = None) -> Workspace:
    """Give a workspace with the mesh's own domain, whose one product it is.

    Who answers for it is what mesh.toml says; where that says nothing, who the catalog knows:
    another repository's may have said it.

    Args:
        workspace: the files.
        known: the owner that the catalog knows; None or empty for none.
    """
    owner = workspace.owner or known or {"team": f"{workspace.mesh} platform"}
    return replace(workspace, domains={**workspace.domains, MESH: product.domain(owner)})

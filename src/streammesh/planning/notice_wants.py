"""Who may read the topic of notices. Values only."""

from __future__ import annotations

from collections.abc import Iterator

from streammesh.delivery.access import topic_acls
from streammesh.documents.names import Names
from streammesh.documents.values import Workspace
from streammesh.planning.owner import Owner, domain_owner
from streammesh.platform.kafka import Acl


def notice_readers(workspace: Workspace, names: Names) -> Iterator[tuple[Owner, Acl]]:
    """Let the reader of each domain read what consumers are told; they get it with their access."""
    for name in sorted(workspace.domains):
        for acl in topic_acls(names.reader_principal(name), names.notices):
            yield domain_owner(name), acl

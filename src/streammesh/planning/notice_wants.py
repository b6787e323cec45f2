"""Who may read the topic of notices. Values only."""

from __future__ import annotations

from collections.abc import Iterator

from streammesh.documents.names import Names
from streammesh.documents.values import Subscription, Workspace
from streammesh.planning.owner import Owner, domain_owner
from streammesh.platform.kafka import Acl


def notice_readers(workspace: Workspace, names: Names) -> Iterator[tuple[Owner, Acl]]:
    """Let the reader and the consumers of each domain read what is told to consumers."""
    for name, domain in sorted(workspace.domains.items()):
        consumers = {_principal(one, names) for one in domain.subscriptions}
        for principal in (names.reader_principal(name), *sorted(consumers)):
            for operation in ("read", "describe"):
                acl = Acl(principal, "topic", "literal", names.notices, operation)
                yield domain_owner(name), acl


def _principal(one: Subscription, names: Names) -> str:
    given = (one.principal or "").removeprefix("User:")
    return given or names.consumer_principal(one.domain, one.consumer)

"""What a consumer wants of Kafka: whom it logs in as, and its rights. Values only."""

from __future__ import annotations

import re
from collections.abc import Iterable

from streammesh.documents.names import Names
from streammesh.platform.kafka import Acl

_OF_THE_MESH = re.compile(r"([a-z][a-z0-9]{0,20}-)?_?mesh(\.|\Z)")
"""The mesh's own principals and groups, and whatever would cover them, in every namespace."""


def principal_of(names: Names, domain: str, consumer: str, existing: str | None) -> str:
    """Name the principal of a consumer, without `User:`.

    Args:
        names: of the environment.
        domain: the consuming domain.
        consumer: the application.
        existing: what its subscription names instead; None or empty for the consumer's own.
    """
    if existing:
        return existing.removeprefix("User:")
    return names.consumer_principal(domain, consumer)


def reserved(principal: str) -> bool:
    """Tell whether an existing principal can't be a consumer's.

    Its groups begin with its name and a dot, so `mesh` alone would cover those of all consumers.

    Args:
        principal: as a subscription names it, without `User:`.
    """
    return (
        principal in ("*", "ANONYMOUS")
        or ":" in principal  # of another kind than a user
        or principal != principal.strip()
        or not principal.isprintable()
        or bool(_OF_THE_MESH.match(principal))
    )


def overlapping(principals: Iterable[str]) -> dict[str, str]:
    """Give the principals whose groups another one's name and a dot cover, each with that one."""
    known = set(principals)
    return {
        one: shorter
        for one in sorted(known)
        for shorter in (one[:end] for end, sign in enumerate(one) if sign == ".")
        if shorter in known
    }


def consumer_acls(principal: str, topics: Iterable[str]) -> tuple[Acl, ...]:
    """Give the rights to read exactly these topics, in groups of the principal's own name.

    Without topics there are none: a group alone is of no use.
    """
    rights = [one for topic in sorted(set(topics)) for one in topic_acls(principal, topic)]
    if not rights:
        return ()
    return (*rights, Acl(principal, "group", "prefixed", f"{principal}.", "read"))


def engine_acls(principal: str, topics: Iterable[str]) -> tuple[Acl, ...]:
    """Give the rights of a source's engine to read exactly these topics; all else it has."""
    return tuple(Acl(principal, "topic", "literal", one, "read") for one in sorted(set(topics)))


def topic_acls(principal: str, topic: str) -> tuple[Acl, ...]:
    """Give the rights to read one topic."""
    return (
        Acl(principal, "topic", "literal", topic, "read"),
        Acl(principal, "topic", "literal", topic, "describe"),
    )

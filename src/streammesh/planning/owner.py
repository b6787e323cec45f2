"""For whom a resource is there."""

from __future__ import annotations

from dataclasses import dataclass

MESH = "mesh"


@dataclass(frozen=True, order=True)
class Owner:
    """The thing in the files that wants a resource.

    Attributes:
        key: `product/<topic>` or `source/<domain>.<source>` (as its deployment is keyed),
            `domain/<domain>`, `consumer/<domain>.<consumer>`, or `mesh` for what all domains share.
        domain: the domain it belongs to; empty for the mesh's own.
        label: what a person calls it, such as `sales.orders v1`.
    """

    key: str
    domain: str
    label: str


def mesh_owner() -> Owner:
    """Give the owner of what all domains share."""
    return Owner(MESH, "", "mesh")


def domain_owner(domain: str) -> Owner:
    """Give the owner of what all products of a domain share."""
    return Owner(f"domain/{domain}", domain, domain)


def source_owner(domain: str, source: str) -> Owner:
    """Give the owner that a source is."""
    return Owner(f"source/{domain}.{source}", domain, f"{domain}.{source}")


CONSUMER = "consumer"


def consumer_owner(domain: str, consumer: str) -> Owner:
    """Give the owner of what an application needs for all its subscriptions."""
    return Owner(f"{CONSUMER}/{domain}.{consumer}", domain, f"{domain}.{consumer}")


def of_consumer(key: str) -> bool:
    """Tell whether an owner's key is an application's."""
    return key.startswith(f"{CONSUMER}/")


def recorded_owner(key: str, domain: str) -> Owner:
    """Give the owner of a resource that may no longer stand in the files."""
    kind, _, name = key.partition("/")
    head, dot, major = name.rpartition(".v")
    if kind == "product" and dot and major.isdigit():
        _, _, named = head.partition("-")  # behind a namespace, which has no hyphen
        head = named if named.startswith(f"{domain}.") else head
        return Owner(key, domain, f"{head} v{major}")
    return Owner(key, domain, name or key)

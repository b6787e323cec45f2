"""The rows of views about who uses what: other products, subscriptions, applications. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from streammesh.documents.policy import domain_of
from streammesh.policies.product_rows import tier_of
from streammesh.policies.state import MeshState

Rows = Iterator[tuple[Any, ...]]


def product_dependencies(state: MeshState) -> Rows:
    """Give which versions are made of which."""
    for asset, other in state.dependencies:
        product, its = state.product(asset), state.product(other)
        version, known = state.versions.get(asset), state.versions.get(other)
        yield (
            asset,
            asset,
            domain_of(asset),
            product,
            None if version is None else version["status"],
            tier_of(state.products.get(product)),
            other,
            domain_of(other),
            its,
            None if known is None else known["status"],
            tier_of(state.products.get(its)),
        )


def subscriptions(state: MeshState) -> Rows:
    """Give the subscriptions."""
    for one in state.rows("subscriptions"):
        domain, name, asset = one["domain"], one["subscription"], one["asset"]
        contact = msgspec.json.decode(one["contact"]) or {}
        yield (
            f"{domain}/{name}",
            domain,
            name,
            one["consumer"],
            one["principal"],
            asset,
            state.product(asset),
            domain_of(asset),
            one["purpose"],
            *(str(contact.get(part) or "") for part in ("team", "email", "chat")),
            one["deliver_to"],
        )


def subscription_fields(state: MeshState) -> Rows:
    """Give the fields that subscriptions rely on."""
    assets = {
        (one["domain"], one["subscription"]): one["asset"] for one in state.rows("subscriptions")
    }
    classes = {(one["asset"], one["path"]): one["classification"] for one in state.rows("fields")}
    for one in state.rows("subscription_fields"):
        domain, name, path = one["domain"], one["subscription"], one["path"]
        asset = assets.get((domain, name), "")
        yield f"{domain}/{name}", domain, asset, path, classes.get((asset, path))


def consumers(state: MeshState) -> Rows:
    """Give the applications that use versions."""
    found = Counter(
        (one["domain"], one["consumer"], one["asset"]) for one in state.rows("subscriptions")
    )
    for (domain, consumer, asset), count in found.items():
        product, owner = state.product(asset), domain_of(asset)
        yield f"{domain}/{consumer}", domain, consumer, asset, product, owner, count

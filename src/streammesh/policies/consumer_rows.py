"""The rows of views about who uses what: other products, subscriptions, applications. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from streammesh.catalog.beside import ACCESS, ANSWERS, ENDED_ACCESS, NOTICES, OBSERVED_USE
from streammesh.catalog.consumers import (
    SOURCE,
    Consumer,
    Declared,
    engine,
    formerly,
    matched,
    subscriber,
)
from streammesh.catalog.observing import ObservedGroup, group_of
from streammesh.documents.policy import domain_of
from streammesh.documents.values import PRODUCTS
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
    states = {
        (one["domain"], one["subscription"], one["asset"]): one["state"]
        for one in state.known(ACCESS)
    }
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
            states.get((domain, name, asset), ""),
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
    """Give the applications that use versions: those that say so, and groups that were seen.

    Who had access before and was not seen since it ended can't read any more, and is left out.
    """
    declared, former = _declared(state), _former(state)
    groups: dict[str, list[ObservedGroup]] = defaultdict(list)
    for row in state.known(OBSERVED_USE):
        groups[row["asset"]].append(group_of(row))
    for asset in dict.fromkeys((*declared, *groups)):
        applications: dict[tuple[str, str], list[Consumer]] = defaultdict(list)
        seen, before = groups.get(asset, ()), former.get(asset, ())
        for one in matched(asset, declared.get(asset, ()), seen, before):
            if not one.is_source and not one.gone:
                applications[one.domain, one.consumer].append(one)
        for (domain, name), found in applications.items():
            yield _application(state, asset, domain, name, found)


def _former(state: MeshState) -> Mapping[str, Sequence[Declared]]:
    """Give whose access to versions has ended, by version."""
    found: dict[str, list[Declared]] = defaultdict(list)
    for one in state.known(ENDED_ACCESS):
        found[one["asset"]].append(formerly(one, _topic(state, one["asset"])))
    return found


def _topic(state: MeshState, asset: str) -> str:
    """Give the topic of a version; empty when that is not known."""
    return str(state.versions[asset]["topic"]) if asset in state.versions else ""


def _declared(state: MeshState) -> Mapping[str, Sequence[Declared]]:
    """Give who says that it uses versions, by version; sources of products, for their engines."""
    found: dict[str, list[Declared]] = defaultdict(list)
    for one in state.rows("subscriptions"):
        asset, domain = one["asset"], one["domain"]
        name = f"{domain}/{one['subscription']}"
        consumer = Consumer(asset, name, one["consumer"], one["principal"], "", {}, ())
        found[asset].append(subscriber(consumer, domain, _topic(state, asset)))
    made = {one["asset"]: one for one in state.rows("sources") if one["database_type"] == PRODUCTS}
    for one in state.rows("source_tables"):
        if one["asset"] in made:
            source, name = made[one["asset"]], f"{SOURCE}{one['asset']}"
            consumer = Consumer(one["table"], name, name, "", "", {}, ())
            who = engine(consumer, source["domain"], source["source"], source["private_log"])
            found[one["table"]].append(who)
    return found


def _application(
    state: MeshState, asset: str, domain: str, name: str, found: Sequence[Consumer]
) -> tuple[Any, ...]:
    return (
        f"{domain}/{name}" if domain else asset,
        domain or None,
        name,
        asset,
        state.product(asset),
        domain_of(asset),
        sum(one.declared for one in found),
        int(bool(domain)),
        max(one.last_seen for one in found) or None,
        max((one.lag for one in found if one.lag is not None), default=None),
        int(any(group.standing for one in found for group in one.groups)),
        max(one.former for one in found) or None,
    )


def notices(state: MeshState) -> Rows:
    """Give what consumers of versions that end were told."""
    for one in state.known(NOTICES):
        asset = one["asset"]
        yield (
            asset,
            asset,
            domain_of(asset),
            state.product(asset),
            one["notice"],
            one["kind"],
            one["until"],
            one["instead"],
            one["made_at"],
            one["consumers"],
            one["acknowledged"],
            one["objected"],
        )


def notice_answers(state: MeshState) -> Rows:
    """Give whom notices were made for, and what they answered."""
    for one in state.known(ANSWERS):
        asset = one["asset"]
        yield (
            asset,
            asset,
            domain_of(asset),
            state.product(asset),
            one["notice"],
            one["until"],
            one["made_at"],
            one["consumer"],
            one["domain"],
            one["answer"],
            one["reason"],
            one["answered_at"] or None,
        )

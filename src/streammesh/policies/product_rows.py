"""The rows of views about products, their versions and fields. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from streammesh.catalog.beside import STATUSES
from streammesh.policies.state import MeshState, Row, product_of
from streammesh.policies.unpacking import first_support, promises, quality_rules
from streammesh.policies.unpacking import stream_options as options_of

Rows = Iterator[tuple[Any, ...]]


def tier_of(product: Row | None) -> int | None:
    """Give a product's tier as a number; None when it says none."""
    said = "" if product is None else str(product["tier"])
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None


def products(state: MeshState) -> Rows:
    """Give the products."""
    names = ("status", "version", "purpose", "usage", "limitations", "quality")
    for subject, one in state.products.items():
        said = (one[name] for name in names)
        yield (
            subject,
            one["domain"],
            one["product"],
            *said,
            tier_of(one),
            *first_support(one["support"]),
        )


def product_tags(state: MeshState) -> Rows:
    """Give the tags of products."""
    for subject, one in state.products.items():
        for tag in msgspec.json.decode(one["tags"]) or ():
            yield subject, one["domain"], str(tag)


def ports(state: MeshState) -> Rows:
    """Give the output ports."""
    for one in state.rows("ports"):
        product = product_of(one)
        subject = f"{product}.{one['port']}"
        yield subject, one["domain"], product, one["port"], one["type"], one["description"]


def versions(state: MeshState) -> Rows:
    """Give the versions."""
    newest = _newest(state)
    before = {one["asset"]: one["status"] for one in state.known(STATUSES)}
    for asset, one in state.versions.items():
        product = product_of(one)
        said = (one[name] for name in ("port", "major", "version", "status", "topic"))
        tier = tier_of(state.products.get(product))
        schema: Row = next(iter(state.contracts[asset].get("schema") or ()), {})
        words = str(schema.get("description") or "")
        is_newest = int(newest.get((product, one["port"])) == one["major"])
        ends = int(one["status"] == "retired" and before.get(asset, "retired") != "retired")
        yield asset, asset, one["domain"], product, *said, is_newest, tier, words, ends


def _newest(state: MeshState) -> Mapping[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for one in state.versions.values():
        if one["status"] != "retired":
            key = (product_of(one), one["port"])
            found[key] = max(found.get(key, 0), one["major"])
    return found


def _contracts(state: MeshState) -> Iterator[tuple[tuple[Any, ...], Row]]:
    """Give the first columns of what is told of a contract, and the contract."""
    for asset, one in state.versions.items():
        yield (asset, asset, one["domain"], product_of(one)), state.contracts[asset]


_OPTIONS = (
    *("partitions", "cleanup", "history", "trigger"),
    *("on_violation", "max_bytes", "max_transaction_events"),
)


def stream_options(state: MeshState) -> Rows:
    """Give how the events of versions are kept."""
    for head, contract in _contracts(state):
        said = options_of(contract)
        status = state.versions[head[0]]["status"]
        yield *head, status, *(said[name] for name in _OPTIONS)


def sla(state: MeshState) -> Rows:
    """Give the service levels that versions promise."""
    for head, contract in _contracts(state):
        status = state.versions[head[0]]["status"]
        yield from ((*head, status, *one) for one in promises(contract))


def quality_rules_of(state: MeshState) -> Rows:
    """Give the quality rules of contracts."""
    for head, contract in _contracts(state):
        yield from ((*head, *one) for one in quality_rules(contract))


def fields(state: MeshState) -> Rows:
    """Give the fields of versions."""
    rows = list(state.rows("fields"))
    holding = _holding(rows)
    names = ("position", "type", "description", "classification", "unit")
    for one in rows:
        asset, path = one["asset"], one["path"]
        version = state.versions.get(asset)
        status = "" if version is None else version["status"]
        head = (f"{asset}.{path}", asset, one["domain"], state.product(asset), status, path)
        said = (one[name] for name in names)
        flags = (int(one["required"]), int(one["key"]), int((asset, path) in holding))
        yield *head, path.rpartition(".")[2], *said, *flags


def _holding(rows: list[Row]) -> frozenset[tuple[str, str]]:
    """Give the fields in which others stand."""
    outer = ((one["asset"], one["path"].rpartition(".")[0]) for one in rows)
    return frozenset((asset, _named(path)) for asset, path in outer if path)


def _named(path: str) -> str:
    """Give a list's own path: `lines` of `lines[]`."""
    while path.endswith("[]"):
        path = path[:-2]
    return path

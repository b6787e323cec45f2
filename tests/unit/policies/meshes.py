"""The example shop as policies see it, and policies to judge it by."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from streammesh.catalog.records import Registration
from streammesh.catalog.registering import registration
from streammesh.documents.files import source_text
from streammesh.documents.names import Names
from streammesh.documents.policy import Policy
from streammesh.documents.policy_files import read_policy
from streammesh.documents.workspace import load
from streammesh.policies.state import MeshState, nothing_beside

SHOP = Path(__file__).parents[3] / "examples" / "shop"
TODAY = "2026-11-23"

SUBSCRIPTION = """apiVersion: streammesh/v1
kind: Subscription
name: towns
consumer: map
product: sales.orders
version: 1
purpose: A map of orders
fields: [customer.city]
contact: { email: maps@example.com, team: Maps }
deliver: { to: postgres, url: "${MAP_URL}", table: orders }
"""

POLICY = """apiVersion: streammesh/v1
kind: Policy
name: {name}
description: {description}
owner: {{ team: Governance, email: governance@example.com }}
severity: {severity}
message: "{message}"
query: |
{query}
"""


def copy(root: Path) -> Path:
    """Write the example, with a subscription."""
    shutil.copytree(SHOP, root, ignore=shutil.ignore_patterns(".mesh"))
    folder = root / "domains/sales/subscriptions"
    folder.mkdir()
    (folder / "towns.subscription.yaml").write_text(SUBSCRIPTION)
    return root


def edit(root: Path, name: str, old: str, new: str) -> None:
    """Replace a text in the file whose path ends so."""
    (path,) = (one for one in root.rglob("*") if one.as_posix().endswith(name))
    text = path.read_text()
    assert old in text, (old, path)
    path.write_text(text.replace(old, new))


def told(root: Path) -> Registration:
    return registration(load(root), Names(), {}, {})


def state_of(registered: Registration, today: str = TODAY) -> MeshState:
    return MeshState(registered, nothing_beside, today)


def written(
    query: str,
    *,
    name: str = "rule",
    severity: str = "block",
    message: str = "{subject}",
    more: str = "",
) -> str:
    """Give the text of a policy."""
    said: Mapping[str, str] = {
        "name": name,
        "severity": severity,
        "message": message,
        "description": "Because.",
        "query": "\n".join(f"  {line}" for line in query.split("\n")),
    }
    text = POLICY.format(**said)
    return text + more


def policy(query: str, *, domain: str = "", name: str = "rule", **said: str) -> Policy:
    """Read a policy."""
    path = f"domains/{domain}/policies" if domain else "policies"
    text = written(query, name=name, **said)
    return read_policy(source_text(f"{path}/{name}.policy.yaml", text.encode()), domain, name)

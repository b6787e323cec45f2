"""What of a document everybody may see: fields that are not open are masked by their class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from streammesh.catalog.flattening import classification_of
from streammesh.delivery.access_rule import OPEN

PERSONAL = frozenset({"personal", "personal data", "pii"})
"""Tags of a field that say the same as a classification of that name."""

UNKNOWN = "<not in the contract>"
"""In place of a value that the contract knows nothing of: it could be anything."""

Said = Mapping[str, Any]


def masked(document: Mapping[str, Any], properties: Sequence[Said]) -> dict[str, Any]:
    """Give a document with the class in place of each value that is not open to everybody.

    A field without a classification counts as internal, as it does for access; one of a word that
    nobody knows is masked. What stands in a masked field is masked with it, and so is null: that
    there is no value can tell something too.

    Args:
        document: a document in canonical form, or its key.
        properties: its fields, as the contract says them.
    """
    said = {one["name"]: one for one in properties}
    return {
        name: _shown(value, said[name]) if name in said else UNKNOWN
        for name, value in document.items()
    }


def _shown(value: Any, said: Said) -> Any:
    """Give a value as everybody may see it; a list of closed elements is masked whole."""
    closed = _closed(said)
    if closed:
        return f"<{closed}>"
    items, inner = said.get("items"), said.get("properties")
    if isinstance(value, list) and isinstance(items, Mapping):
        return [_shown(one, items) for one in value]
    if isinstance(value, dict) and inner:
        return masked(value, inner)
    if isinstance(value, dict) and isinstance(said.get("map"), Mapping):
        held = said["map"].get("value") or {}
        return {name: _shown(one, held) for name, one in value.items()}
    return value


def _closed(said: Said) -> str:
    """Give the class of a field that not everybody may see; empty when everybody may.

    A map whose keys are closed is closed.
    """
    classification = classification_of(said)
    if classification.lower() not in OPEN:
        return classification
    tags = (str(one).strip().lower() for one in said.get("tags") or ())
    tagged = next((one for one in tags if one in PERSONAL), "")
    return tagged or (_closed(said["map"].get("key") or {}) if said.get("map") else "")

"""What changes for consumers as plain values, for `--json` (docs/planning.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from streammesh.catalog.consumers import Consumer
from streammesh.planning.weighing.changing import ChangedVersion, PlannedChange


def changes_as_dicts(changed: ChangedVersion) -> Iterator[dict[str, Any]]:
    """Give each change of a version, with whom it concerns."""
    version = {
        "for": changed.owner.label,
        "version": changed.port.version,
        "version_before": changed.before,
    }
    for one in changed.changes:
        yield {**version, **_change(one)}


def _change(planned: PlannedChange) -> dict[str, Any]:
    change = planned.change
    return {
        "kind": change.kind.name.lower(),
        "meaning": change.meaning.value,
        "gated": planned.gated,
        "field": change.path or None,
        "before": change.before or None,
        "after": change.after or None,
        "why": change.why,
        "place": None if change.where is None else str(change.where),
        "relied_on_by": [_consumer(one) for one in planned.relied_on_by],
        "not_affected": [_consumer(one) for one in planned.not_affected],
    }


def _consumer(one: Consumer) -> dict[str, Any]:
    return {
        "name": one.name or None,
        "consumer": one.consumer or None,
        "principal": one.principal or None,
        "contact": dict(one.contact),
        "relies_on": list(one.fields) or None,
        "last_seen": one.last_seen or None,
        "lag": one.lag,
    }

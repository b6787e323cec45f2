"""A plan as plain values, for `--json` (docs/planning.md): names here are a promise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from streammesh.errors import Location, MeshError
from streammesh.planning.findings import Note
from streammesh.planning.plan import Plan
from streammesh.planning.showing.changes_as_values import changes_as_dicts
from streammesh.planning.sizes.values import Sizes
from streammesh.planning.steps.base import Change, Step

FORMAT = 1


def as_dict(plan: Plan) -> dict[str, Any]:
    """Give the whole plan."""
    owners = {id(one): key for key, errors in plan.stopped.items() for one in errors}
    labels = {one.key: one.label for one in plan.owners}
    return {
        "format": FORMAT,
        "mesh": plan.mesh,
        "environment": plan.environment,
        "blocked": plan.blocked,
        "to_change": plan.count(Change.CHANGE),
        "to_add": plan.count(Change.ADD),
        "to_remove": plan.count(Change.REMOVE),
        "then": {
            "estimated": plan.estimated,
            "rows_to_read": plan.rows,
            "documents_to_publish": plan.documents,
            "seconds": round(plan.seconds, 1),
        },
        "steps": [step_as_dict(one) for one in plan.steps],
        "changes": [change for one in plan.changes.values() for change in changes_as_dicts(one)],
        "notes": [_note(one) for one in plan.notes],
        "sizes": [size for key, one in plan.sizes.items() for size in _sizes(labels[key], one)],
        "problems": [_problem(one, labels.get(owners.get(id(one), ""))) for one in plan.problems],
    }


def step_as_dict(step: Step) -> dict[str, Any]:
    """Give a step."""
    return {
        "id": step.id,
        "for": step.owner.label,
        "change": step.change.name.lower(),
        "kind": step.kind,
        "object": step.subject,
        "action": step.verb,
        "what": step.title,
        "detail": step.detail,
        "why": step.why,
        "affects": step.affects or None,
        "reversible": step.reversible,
        "undo": step.undo,
        "place": _place(step.where),
        "details": dict(step.details),
    }


_CHANGES = {"+": "add", "~": "change", "-": "remove"}


def _note(note: Note) -> dict[str, Any]:
    return {
        "for": note.owner.label,
        "change": _CHANGES.get(note.symbol),
        "warning": note.warns,
        "kind": note.kind or None,
        "object": note.subject or None,
        "text": note.text,
        "place": _place(note.where),
    }


def _sizes(label: str, sizes: Sizes) -> Iterator[dict[str, Any]]:
    for one in sizes.largest:
        yield {
            "for": label,
            "kind": one.kind,
            "table": str(one.table),
            "field": one.field or None,
            "count": None if one.count < 0 else one.count,
            "key": list(one.key) or None,
            "exact": one.exact,
            "reason": one.reason or None,
        }
    if sizes.document is not None:
        key, size = list(sizes.document.key), sizes.document.size
        yield {"for": label, "kind": "document", "key": key, "json_bytes": size}


def _problem(error: MeshError, label: str | None) -> dict[str, Any]:
    return {**error.as_dict(), "for": label}


def _place(where: Location | None) -> str | None:
    return None if where is None else str(where)

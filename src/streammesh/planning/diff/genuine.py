"""Whether a deployment is what an apply wrote; pure."""

from __future__ import annotations

from streammesh.deployments.deployment import ProductDeployment, intact
from streammesh.planning.diff.schemas import PARTS, schema_of, subject_of
from streammesh.planning.findings import Findings, Note
from streammesh.planning.observing.observed import Observed, SubjectState
from streammesh.planning.owner import Owner


def genuine(old: ProductDeployment, observed: Observed) -> bool:
    """Tell whether a product's deployment is as an apply wrote it, with the registry's ids."""
    if not intact(old):
        return False
    ids = {"key": old.key_schema_id, "value": old.value_schema_id}
    for part in PARTS:
        state = observed.subjects.get(subject_of(old.topic, part), SubjectState())
        registered = state.registered
        same = registered is not None and registered.schema == schema_of(old, part)
        if registered is not None and same and registered.id != ids[part]:
            return False
    return True


def tampered(owner: Owner, name: str) -> Findings:
    """Say that a deployment was written by something else than an apply."""
    text = "is not what an apply wrote: it is written again"
    return Findings(notes=(Note(owner, text, "!", kind="deployment", subject=name),))

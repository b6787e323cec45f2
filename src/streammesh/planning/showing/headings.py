"""What stands beside the name of a source or product in a plan: its version, what becomes of it."""

from __future__ import annotations

from streammesh.deployments.deployment import ProductDeployment
from streammesh.errors.planning import (
    BreakingChange,
    CleanupFixed,
    HistoryUnreadable,
    KeyChanged,
    PartitionsFixed,
    SchemaBreaks,
)
from streammesh.planning.findings import Findings
from streammesh.planning.observing.observed import Observed
from streammesh.planning.showing.changes import heading
from streammesh.planning.steps.base import Step
from streammesh.planning.steps.new_generation import NewGeneration
from streammesh.planning.steps.remove_deployment import RemoveDeployment
from streammesh.planning.wanting.desired import Desired
from streammesh.planning.weighing.known_changes import Changed

BREAKING = (
    BreakingChange,
    CleanupFixed,
    HistoryUnreadable,
    KeyChanged,
    PartitionsFixed,
    SchemaBreaks,
)
"""What a change of the files would do to consumers."""


def headings(
    wanted: Desired, observed: Observed, findings: Findings, changed: Changed
) -> dict[str, str]:
    """Give for each product what stands beside its name: its version, and what becomes of it."""
    breaking = (one for one in findings.problems if isinstance(one, BREAKING))
    broken = {problem.fields.get("topic") for problem in breaking}
    return (
        {
            one.owner.key: _heading(
                observed.deployments.get(one.deployment.key),
                one.deployment,
                broken=one.deployment.topic in broken,
            )
            for one in wanted.products
        }
        | {
            one.owner.key: "new source"
            for one in wanted.every_source
            if one.deployment.key not in observed.deployments
        }
        | {key: heading(one, impossible=one.topic in broken) for key, one in changed.items()}
        | {one.owner.key: words for one in findings.steps for words in _becomes(one)}
    )


def _becomes(step: Step) -> tuple[str, ...]:
    """Say what becomes of the whole source or product by one step of it; nothing by most."""
    match step:
        case RemoveDeployment(reason=reason):
            return ("retired" if reason.endswith("retired") else "removed",)
        case NewGeneration():
            return ("new snapshot",)
        case _:
            return ()


def _heading(old: object, new: ProductDeployment, *, broken: bool) -> str:
    if not isinstance(old, ProductDeployment):
        return f"{new.version}   new"
    version = new.version
    if old.version != new.version:
        version = f"{old.version} → {new.version}"
    changed = (old.version, old.contract) != (new.version, new.contract)
    if broken:
        return f"{version}   BREAKING"
    return f"{version}   compatible" if changed else version

"""The two library calls: plan, and apply what was planned."""

from __future__ import annotations

from collections.abc import Collection

from streammesh.documents.values import Environment, Workspace
from streammesh.errors import MeshErrors
from streammesh.errors.planning import PlanOutdated
from streammesh.planning.apply import Applied, OnProgress, Progress, execute
from streammesh.planning.diff import diff
from streammesh.planning.findings import Findings
from streammesh.planning.observing import measuring
from streammesh.planning.observing.measuring import Sized, measure
from streammesh.planning.plan import Plan, ordered
from streammesh.planning.showing.headings import headings
from streammesh.planning.stages import OnPhase, Seen, Weighed, see, weigh
from streammesh.planning.systems import Platform
from streammesh.planning.wanting.desired import secret_name
from streammesh.planning.wanting.origins import compiled_again
from streammesh.planning.weighing.gates import gates
from streammesh.planning.weighing.resting import basis, neighbours_of, said_by
from streammesh.planning.weighing.stopped import by_owner


def plan(  # noqa: PLR0913 - what `mesh plan` has as options
    workspace: Workspace,
    environment: Environment,
    platform: Platform,
    *,
    delete_data: bool = False,
    read_anew: Collection[str] = (),
    all_sizes: bool = False,
    catalog_moved: bool = False,
    tell: OnPhase = lambda _: None,
) -> Plan:
    """Compare the files with what stands. Nothing is changed.

    Args:
        workspace: the files.
        environment: where.
        platform: its systems.
        delete_data: topics of products that the files no longer have are deleted with their events.
        read_anew: sources (`sales.shop`) of which a new snapshot is taken in any case.
        all_sizes: ask for the largest documents of all products, not only of changed ones.
        catalog_moved: the catalog is another environment's: this one, before it moved.
        tell: told what is done at the moment.

    Returns:
        The plan. Its `problems` hold everything that is wrong with files, databases and changes.

    Raises:
        CatalogOfAnother: the catalog is another environment's.
        MeshError: a system outside or the catalog can't be read, or a source to be read anew is
            not there.
    """
    seen = see(workspace, environment, platform, read_anew, tell, moved=catalog_moved)
    sized = measure(seen.wanted, seen.observed, platform, everything=all_sizes, tell=tell)
    found = seen.moving + gates(seen.wanted, seen.observed)
    found += diff(seen.wanted, seen.observed, delete_data=delete_data)
    found += seen.access.findings if seen.access else Findings()
    tell("reading the catalog")
    known = weigh(workspace, environment, platform, seen, found)
    return _planned(workspace, environment, seen, known, sized)


def _planned(
    workspace: Workspace,
    environment: Environment,
    seen: Seen,
    known: Weighed,
    sized: tuple[Sized, ...],
) -> Plan:
    """Put the plan together."""
    wanted, observed, scope = seen.wanted, seen.observed, known.held.scope
    problems = (*seen.sources, *known.refused, *known.findings.problems)
    stopped, stopped_owners = by_owner(problems, wanted, known.changed)
    every = (*known.findings.steps, *known.told)
    return Plan(
        mesh=workspace.mesh,
        environment=environment.name,
        steps=ordered(one for one in every if one.owner.domain not in known.held.refused),
        problems=(*problems, *seen.errors),
        notes=(*known.findings.notes, *measuring.warnings(sized), *observed.look.notes),
        stopped=stopped,
        stopped_owners=stopped_owners,
        sizes=measuring.by_owner(sized),
        sized_owners=tuple(one.owner for one, sizes in sized if sizes.largest),
        headings=headings(wanted, observed, known.findings, known.changed),
        secrets=tuple((secret_name(one.source), one.source.url) for one in wanted.sources),
        domains=scope,
        basis=basis(scope, observed.resources, observed.deployments, seen.said),
        neighbours=neighbours_of(workspace),
        changes=known.changed,
        compiled=tuple(compiled_again(wanted.products, observed.deployments)),
    )


def apply(planned: Plan, platform: Platform, progress: OnProgress = lambda _: None) -> Applied:
    """Do what was planned; an interrupted apply is completed by the next plan and apply.

    Args:
        planned: a plan of the same environment.
        platform: its systems.
        progress: told before every step, and at the end.

    Raises:
        MeshErrors: the plan's own problems; nothing was changed.
        PlanOutdated: another apply or decision came in between; nothing was changed.
        ApplyRunning: another apply is at work; nothing was changed.
        StepFailed: a step did not succeed.
    """
    if planned.blocked:
        raise MeshErrors(planned.problems)
    if not (planned.steps or planned.compiled):
        progress(Progress(None, 0, 0))
        return Applied(())
    with platform.lock.hold() as held:
        said = said_by(platform.catalog, planned.neighbours)
        now = basis(planned.domains, platform.resources.read(), platform.deployments.read(), said)
        if now != planned.basis:
            raise PlanOutdated
        for name, url in planned.secrets:
            platform.connect_secrets.put(name, platform.databases.password(url))
        if planned.compiled:
            platform.deployments.write(planned.compiled)
        return execute(planned.steps, platform, held, progress)

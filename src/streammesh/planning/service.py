"""The two library calls: plan, and apply what was planned."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from streammesh.deployments.deployment import ProductDeployment
from streammesh.documents.values import Environment, Workspace
from streammesh.errors import MeshError, MeshErrors
from streammesh.errors.planning import (
    BreakingChange,
    CleanupFixed,
    HistoryUnreadable,
    KeyChanged,
    NoSuchSource,
    PartitionsFixed,
    PlanOutdated,
    ReadsProducts,
    SchemaBreaks,
)
from streammesh.planning import measuring
from streammesh.planning.access.reading import read_subscriptions, with_subscriptions
from streammesh.planning.apply import Applied, OnProgress, Progress, execute
from streammesh.planning.breaking_changes import judged
from streammesh.planning.build import build_all
from streammesh.planning.cataloguing import recording, told_of
from streammesh.planning.connectors import refusals
from streammesh.planning.desired import Desired, desired, secret_name
from streammesh.planning.diff import diff
from streammesh.planning.drift import drift
from streammesh.planning.findings import Findings
from streammesh.planning.gates import gates, replicas
from streammesh.planning.gathering import gathered
from streammesh.planning.governing import governed
from streammesh.planning.homes import home_of, housed
from streammesh.planning.known_changes import Changed, known_changes
from streammesh.planning.lifecycle.gate import ends
from streammesh.planning.lifecycle.noticing import noticing
from streammesh.planning.lifecycle.windows import today
from streammesh.planning.measuring import measure
from streammesh.planning.observe import observe, with_subjects
from streammesh.planning.observed import Observed
from streammesh.planning.origins import compiled_again
from streammesh.planning.plan import Plan, basis, ordered
from streammesh.planning.showing.changes import heading
from streammesh.planning.steps.base import Step
from streammesh.planning.steps.new_generation import NewGeneration
from streammesh.planning.steps.remove_deployment import RemoveDeployment
from streammesh.planning.stopped import by_owner
from streammesh.planning.systems import Platform
from streammesh.planning.workspaces import together

OnPhase = Callable[[str], None]
"""Told what is done while a plan is made, in words; from any thread."""


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
    names = environment.names
    tell("reading Kafka, Connect and the databases")
    observed = observe(workspace, names, platform)
    home = home_of(environment, observed.cluster, workspace.mesh)
    moving = housed(home, platform, moved=catalog_moved)
    offers = (lambda: {}) if platform.catalog is None else platform.catalog.offers
    products_read = gathered(workspace, names, observed.deployments, offers)
    tables = {source: state.tables for source, state in observed.databases.items()}
    tables |= products_read.tables
    tell("compiling the models")
    built, errors = build_all(workspace, names, tables, observed.deployments)
    secrets = platform.connect_secrets
    wanted = desired(
        workspace, environment, observed.databases, built, secrets, products_read=products_read
    )
    wanted = _asked_anew(wanted, read_anew)
    access = read_subscriptions(workspace, environment, platform)
    wanted = with_subscriptions(wanted, access, observed)
    tell("reading the registry")
    observed = with_subjects(observed, wanted, platform)
    sized = measure(wanted, observed, platform, everything=all_sizes, tell=tell)
    findings = moving + gates(wanted, observed) + diff(wanted, observed, delete_data=delete_data)
    findings += access.findings if access else Findings()
    tell("reading the catalog")
    changed, unknown = known_changes(workspace, names, wanted, observed, platform.catalog)
    findings = judged(findings, changed) + Findings(notes=unknown)
    told = told_of(workspace, names, built, observed.databases, platform.catalog)
    held = together(workspace, environment, observed, platform)
    records = recording(told, platform, scope=held.scope, home=home)
    findings += governed(workspace, names, told, platform)
    findings += held.findings + drift(findings, wanted, observed, platform.principal)
    ending = ends(findings, workspace, names, platform.catalog, today())
    findings = replace(findings, problems=ending.else_told(findings.problems))
    changed = ending.else_changed(changed)
    notices = noticing(workspace, names, platform)
    refused = (
        *ending.problems,
        *replicas(environment, observed),
        *refusals(wanted, observed, platform),
    )
    sources = (*_of_databases(observed), *products_read.problems)
    problems = (*sources, *refused, *findings.problems)
    steps = (
        one
        for one in (*findings.steps, *records, *ending.steps, *notices)
        if one.owner.domain not in held.refused
    )
    stopped, stopped_owners = by_owner(problems, wanted, changed)
    return Plan(
        mesh=workspace.mesh,
        environment=environment.name,
        steps=ordered(steps),
        problems=(*problems, *errors),
        notes=(*findings.notes, *measuring.warnings(sized), *observed.look.notes),
        stopped=stopped,
        stopped_owners=stopped_owners,
        sizes=measuring.by_owner(sized),
        sized_owners=tuple(one.owner for one, sizes in sized if sizes.largest),
        headings=headings(wanted, observed, findings, changed),
        secrets=tuple((secret_name(one.source), one.source.url) for one in wanted.sources),
        domains=held.scope,
        basis=basis(held.scope, observed.resources, observed.deployments),
        changes=changed,
        compiled=tuple(compiled_again(wanted.products, observed.deployments)),
    )


def _asked_anew(wanted: Desired, labels: Collection[str]) -> Desired:
    known = {one.owner.label for one in wanted.sources}
    for one in wanted.gathered:
        if one.owner.label in labels:
            raise ReadsProducts(source=one.owner.label)
    for label in labels:
        if label not in known:
            raise NoSuchSource(source=label, fix=f"one of: {', '.join(sorted(known)) or 'none'}")
    sources = tuple(replace(one, read_anew=one.owner.label in labels) for one in wanted.sources)
    return replace(wanted, sources=sources)


def apply(planned: Plan, platform: Platform, progress: OnProgress = lambda _: None) -> Applied:
    """Do what was planned; an interrupted apply is completed by the next plan and apply.

    Args:
        planned: a plan of the same environment.
        platform: its systems.
        progress: told before every step, and at the end.

    Raises:
        MeshErrors: the plan's own problems; nothing was changed.
        PlanOutdated: another apply came in between; nothing was changed.
        ApplyRunning: another apply is at work; nothing was changed.
        StepFailed: a step did not succeed.
    """
    if planned.blocked:
        raise MeshErrors(planned.problems)
    if not (planned.steps or planned.compiled):
        progress(Progress(None, 0, 0))
        return Applied(())
    with platform.lock.hold() as held:
        now = basis(planned.domains, platform.resources.read(), platform.deployments.read())
        if now != planned.basis:
            raise PlanOutdated
        for name, url in planned.secrets:
            platform.connect_secrets.put(name, platform.databases.password(url))
        if planned.compiled:
            platform.deployments.write(planned.compiled)
        return execute(planned.steps, platform, held, progress)


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


def _of_databases(observed: Observed) -> Iterable[MeshError]:
    return (problem for state in observed.databases.values() for problem in state.problems)

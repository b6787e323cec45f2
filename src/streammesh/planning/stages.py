"""The stages of making a plan: seeing what stands and what is wanted, and weighing what differs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from streammesh.catalog.workspaces import Home
from streammesh.documents.values import Environment, Workspace
from streammesh.errors import MeshError
from streammesh.errors.planning import NoSuchSource, ReadsProducts
from streammesh.planning.access.reading import read_subscriptions, with_subscriptions
from streammesh.planning.access.subscribed import Subscribed
from streammesh.planning.findings import Findings
from streammesh.planning.lifecycle.gate import ends
from streammesh.planning.lifecycle.noticing import noticing
from streammesh.planning.lifecycle.windows import today
from streammesh.planning.observing.connectors import refusals
from streammesh.planning.observing.observe import observe, with_subjects
from streammesh.planning.observing.observed import Observed
from streammesh.planning.steps.base import Step
from streammesh.planning.systems import Platform
from streammesh.planning.wanting.build import build_all
from streammesh.planning.wanting.built import Built
from streammesh.planning.wanting.desired import Desired, desired
from streammesh.planning.wanting.gathering import gathered
from streammesh.planning.weighing.breaking_changes import judged
from streammesh.planning.weighing.cataloguing import recording, told_of
from streammesh.planning.weighing.drift import drift
from streammesh.planning.weighing.gates import replicas
from streammesh.planning.weighing.governing import governed
from streammesh.planning.weighing.holding import Held
from streammesh.planning.weighing.homes import home_of, housed
from streammesh.planning.weighing.known_changes import Changed, known_changes
from streammesh.planning.weighing.resting import neighbours_of, said_by
from streammesh.planning.weighing.workspaces import together

OnPhase = Callable[[str], None]
"""Told what is done while a plan is made, in words; from any thread."""


@dataclass(frozen=True)
class Seen:
    """What stands, and what the files want of it.

    Attributes:
        observed: what stands, with the subjects that are wanted.
        wanted: what the files want, with what their subscriptions come to.
        built: the ports that could be compiled.
        errors: why the others could not.
        sources: what is wrong with sources, databases or products that are read.
        access: what subscriptions come to; None without a catalog.
        home: where the plan is made.
        moving: the step that takes the catalog along.
        said: what the catalog said of the plan's neighbours before anything was read of it.
    """

    observed: Observed
    wanted: Desired
    built: tuple[Built, ...]
    errors: tuple[MeshError, ...]
    sources: tuple[MeshError, ...]
    access: Subscribed | None
    home: Home
    moving: Findings
    said: str = ""


def see(  # noqa: PLR0913 - where, of what, and how it is told
    workspace: Workspace,
    environment: Environment,
    platform: Platform,
    read_anew: Collection[str],
    tell: OnPhase,
    *,
    moved: bool,
) -> Seen:
    """Read what stands, compile the models, and say what is wanted."""
    names = environment.names
    said = said_by(platform.catalog, neighbours_of(workspace))
    tell("reading Kafka, Connect and the databases")
    observed = observe(workspace, names, platform)
    home = home_of(environment, observed.cluster, workspace.mesh)
    moving = housed(home, platform, moved=moved)
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
    there = products_read.offered
    access = read_subscriptions(workspace, environment, platform, observed.resources, there)
    wanted = with_subscriptions(wanted, access, observed)
    tell("reading the registry")
    return Seen(
        observed=with_subjects(observed, wanted, platform),
        wanted=wanted,
        built=tuple(built),
        errors=tuple(errors),
        sources=(*_of_databases(observed), *products_read.problems),
        access=access,
        home=home,
        moving=moving,
        said=said,
    )


@dataclass(frozen=True)
class Weighed:
    """What a comparison comes to once the catalog has been asked.

    Attributes:
        findings: steps, problems and notes of the comparison, and of all that judges it.
        refused: problems of the plan as a whole, told first.
        told: steps that tell the catalog and consumers, the last ones.
        changed: versions that change for their consumers.
        held: which domains are ours to apply.
    """

    findings: Findings
    refused: tuple[MeshError, ...]
    told: tuple[Step, ...]
    changed: Changed
    held: Held


def weigh(
    workspace: Workspace,
    environment: Environment,
    platform: Platform,
    seen: Seen,
    found: Findings,
) -> Weighed:
    """Ask the catalog what a comparison means for others: consumers, policies, repositories."""
    names, wanted, observed = environment.names, seen.wanted, seen.observed
    changed, unknown = known_changes(workspace, names, wanted, observed, platform.catalog)
    found = judged(found, changed) + Findings(notes=unknown)
    told = told_of(workspace, names, seen.built, observed.databases, platform.catalog)
    told = replace(told, left=wanted.left)
    held = together(workspace, environment, observed, platform)
    records = recording(told, platform, scope=held.scope, home=seen.home)
    found += governed(workspace, names, told, platform)
    found += held.findings + drift(found, wanted, observed, platform.principal)
    blind = observed.look.blind
    ending = ends(found, workspace, names, platform.catalog, today(), blind=blind)
    notices = noticing(workspace, names, platform)
    return Weighed(
        findings=replace(found, problems=ending.else_told(found.problems)),
        refused=(
            *ending.problems,
            *replicas(environment, observed),
            *refusals(wanted, observed, platform),
        ),
        told=(*records, *ending.steps, *notices),
        changed=ending.else_changed(changed),
        held=held,
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


def _of_databases(observed: Observed) -> Iterable[MeshError]:
    return (problem for state in observed.databases.values() for problem in state.problems)

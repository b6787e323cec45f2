"""What a plan looks at where several repositories make up one mesh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from streammesh.catalog.texts import canonical
from streammesh.catalog.workspaces import GOVERNANCE, SharedEnvironment
from streammesh.documents.policy_files import POLICIES
from streammesh.documents.repository import Repository
from streammesh.documents.sharing import crowding, document, environment_of, shared
from streammesh.documents.values import Environment, Workspace
from streammesh.errors import Location
from streammesh.planning.findings import Findings, Note, step
from streammesh.planning.observing.observed import Observed
from streammesh.planning.owner import mesh_owner
from streammesh.planning.steps.share_environments import ShareEnvironments
from streammesh.planning.systems import Platform
from streammesh.planning.weighing.holding import Held, held


def together(
    workspace: Workspace, environment: Environment, observed: Observed, platform: Platform
) -> Held:
    """Say which domains are ours to apply, and what the other repositories get from this one.

    Args:
        workspace: the files.
        environment: where they are applied.
        observed: what stands.
        platform: its catalog is read; without a repository nothing is claimed.

    Raises:
        CatalogUnreachable: the catalog can't be read.
    """
    crowded = Findings(
        problems=tuple(crowding(environment, _known(workspace, platform))),
        notes=tuple(_neighbours(environment, observed)),
    )
    if platform.repository is None:
        return Held(frozenset({*workspace.domains, GOVERNANCE}), crowded, frozenset())
    for_all = workspace.governs and _speaks(workspace)
    catalogued = None if platform.catalog is None else platform.catalog.claims()
    found = held(workspace, platform.repository, observed.resources, catalogued, governs=for_all)
    steps = _sharing(workspace, platform.repository, platform) if for_all else Findings()
    return Held(found.scope, crowded + found.findings + steps, found.refused)


def _known(workspace: Workspace, platform: Platform) -> Mapping[str, Environment]:
    """Give the environments of mesh.toml, and those that governance hands out."""
    catalogued = {} if platform.catalog is None else platform.catalog.environments()
    handed = {
        name: environment_of(name, one.said, Location(f"mesh.toml of {one.repository}"))
        for name, one in catalogued.items()
    }
    return {**handed, **workspace.environments}


def _speaks(workspace: Workspace) -> bool:
    """Tell whether it has anything to say: a workspace without domains may still be empty."""
    return bool(shared(workspace)) or (Path(workspace.root) / POLICIES).is_dir()


def _sharing(workspace: Workspace, repository: Repository, platform: Platform) -> Findings:
    if platform.catalog is None:
        return Findings()
    known, wanted = platform.catalog.environments(), _wanted(workspace, repository)
    changed = tuple(_changes(known, wanted))
    if not changed:
        return Findings()
    kept = {name: known[name] for name in wanted if _same(known.get(name), wanted[name])}
    every = {**wanted, **kept}
    return step(ShareEnvironments(mesh_owner(), tuple(every.values()), changed))


def _wanted(workspace: Workspace, repository: Repository) -> dict[str, SharedEnvironment]:
    return {
        name: SharedEnvironment(name, workspace.mesh, canonical(document(one)), repository.name)
        for name, one in sorted(shared(workspace).items())
    }


def _same(known: SharedEnvironment | None, wanted: SharedEnvironment) -> bool:
    return known is not None and (known.mesh, known.document, known.repository) == (
        wanted.mesh,
        wanted.document,
        wanted.repository,
    )


def _changes(
    known: Mapping[str, SharedEnvironment], wanted: Mapping[str, SharedEnvironment]
) -> Iterator[str]:
    yield from (f"+ {name}" for name in wanted if name not in known)
    yield from (
        f"~ {name}" for name in wanted if name in known and not _same(known[name], wanted[name])
    )
    yield from (f"- {name}" for name in sorted(known) if name not in wanted)


def _neighbours(environment: Environment, observed: Observed) -> Iterator[Note]:
    """Tell of other environments on the cluster whose names may not be told from this one's."""
    ours, end = environment.names.resources, "_mesh.resources"
    others = [one.removesuffix(end) for one in observed.topics if one.endswith(end) and one != ours]
    for other in sorted(others):
        if environment.namespace and other:
            continue
        name = f"the namespace `{other.removesuffix('-')}`" if other else "no namespace"
        text = f"another environment with {name} is on this cluster: give both one"
        yield Note(mesh_owner(), text, "!", environment.where, standing=True)

"""Of which environment a catalog is: what two told one would be taken for the same products."""

from __future__ import annotations

from streammesh.catalog.workspaces import Home, check_home
from streammesh.documents.mesh_file import LOCAL
from streammesh.documents.values import Environment
from streammesh.planning.findings import Findings, step
from streammesh.planning.owner import mesh_owner
from streammesh.planning.steps.move_catalog import MoveCatalog
from streammesh.planning.systems import Platform


def home_of(environment: Environment, cluster: str, mesh: str = "") -> Home:
    """Say where a command works.

    Args:
        environment: where.
        cluster: the id of its Kafka cluster; that of a local stack is another one after each
            `mesh down --delete-data`.
        mesh: the mesh's name, if it is known.
    """
    known = "" if environment.stack == LOCAL else cluster
    return Home(mesh, environment.name, environment.namespace, known)


def housed(home: Home, platform: Platform, *, moved: bool) -> Findings:
    """Check that the catalog is that of the environment; give the step that takes it along.

    Args:
        home: where a plan is made.
        platform: its catalog is read.
        moved: whether somebody says that the environment has moved.

    Raises:
        CatalogOfAnother: it is another one's.
        CatalogUnreachable: it can't be read.
    """
    known = None if platform.catalog is None else platform.catalog.home()
    if known is None or known.is_that_of(home):
        return Findings()
    if moved:
        return step(MoveCatalog(mesh_owner(), home, known))
    check_home(known, home)
    return Findings()

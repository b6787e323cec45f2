"""Look at who reads products, and keep it in the catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.uses import uses_of
from streammesh.errors import MeshError
from streammesh.errors.catalog import CatalogOfAnother
from streammesh.planning.findings import Note
from streammesh.planning.owner import mesh_owner
from streammesh.platform.groups import Groups
from streammesh.platform.kafka import Acl, Cluster, KafkaAdmin

PLAN_SECONDS = 4.0
"""How long a look may take beside a plan: about as long as the rest of a large one."""

COMMAND_SECONDS = 30.0
"""How long a look may take where it is what was asked for."""

TOLD = 3
"""How many groups that could not be read are named."""


@dataclass(frozen=True)
class Look:
    """What came of a look.

    Attributes:
        unread: groups that could not be read, and why; what is known of them stays.
        unlisted: why there may be groups that were not even listed; empty when all were.
        failed: why nothing could be seen; None when something was.
    """

    unread: Mapping[str, str] = field(default_factory=dict, hash=False)
    unlisted: str = ""
    failed: MeshError | None = None

    @property
    def blind(self) -> str:
        """Say what could not be seen, in one line; empty when everything was."""
        return "; ".join(self.said)

    @property
    def said(self) -> Iterator[str]:
        """Say in words what could not be seen."""
        if self.failed is not None:
            why = "; ".join(_words(self.failed))
            yield f"who reads products could not be looked at: {why}"
        if self.unlisted:
            yield f"some consumer groups could not be listed: {self.unlisted}"
        if self.unread:
            named = [f"`{name}` ({why})" for name, why in sorted(self.unread.items())]
            more = f" and {len(named) - TOLD:,} more" if len(named) > TOLD else ""
            yield f"consumer groups that could not be read: {', '.join(named[:TOLD])}{more}"

    @property
    def notes(self) -> tuple[Note, ...]:
        """Give them as warnings of a plan; single groups are no news at every plan."""
        known = self.failed is None
        return tuple(Note(mesh_owner(), one, "!", standing=known) for one in self.said)


def _words(error: MeshError) -> Iterator[str]:
    yield from filter(None, (error.what, error.why))


def look(catalog: Catalog | None, groups: Groups | None, kafka: KafkaAdmin, seconds: float) -> Look:
    """Look at all consumer groups, and let the catalog keep what reads products.

    Nothing is looked at where there are no groups to be asked, or no catalog that stands.

    Args:
        catalog: says which topics are products, and keeps what is seen.
        groups: of the cluster.
        kafka: its access rights tell whose a group is.
        seconds: how long it may take, about.

    Returns:
        What could not be seen; nothing of it is an error.
    """
    if catalog is None or groups is None:
        return Look()
    try:
        if not catalog.standing():
            return Look()
        cluster, home = kafka.cluster(), catalog.home()
        if home is not None and home.cluster not in ("", cluster.id):
            raise CatalogOfAnother(known=str(home), here=f"cluster {cluster.id}")
        watched = catalog.watched()
        if not watched.topics:
            return Look()
        found = groups.read(frozenset(watched), seconds)
        uses = uses_of(found, watched, _rights(kafka))
        unlisted = found.unlisted or _hidden(cluster)
        catalog.observe_use(uses, unread=found.unread, complete=not unlisted)
    except MeshError as error:
        return Look(failed=error)
    return Look(found.unread, unlisted)


def _hidden(cluster: Cluster) -> str:
    """Say why Kafka may have left out groups without a word; empty when it has not."""
    seen = cluster.allowed & {"all", "describe"}
    return "" if seen else "DESCRIBE on the cluster is not granted"


def _rights(kafka: KafkaAdmin) -> frozenset[Acl]:
    """Give the access rights; none where we may not see them, or there are none."""
    try:
        return kafka.acls()
    except MeshError:
        return frozenset()

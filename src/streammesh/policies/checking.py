"""Check a workspace: by the policies in force, and by what may be called a product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.completeness import Finding, completeness
from streammesh.catalog.records import Registration
from streammesh.documents.files import source_text
from streammesh.documents.policy import Policy
from streammesh.documents.policy_files import POLICY_END, read_policy
from streammesh.documents.values import Product, Workspace
from streammesh.errors import MeshError
from streammesh.errors.policies import QueryRefused
from streammesh.errors.rendering import flatten
from streammesh.policies.judging import Judgement, judge
from streammesh.policies.state import Beside, MeshState, nothing_beside

IN_CATALOG = "catalog:"
"""Before the path of a policy that another workspace holds."""


@dataclass(frozen=True)
class Lack:
    """Something that a product lacks."""

    product: Product
    finding: Finding


@dataclass(frozen=True)
class Checked:
    """What is to be said of a workspace.

    Attributes:
        judgement: by policies.
        lacking: what its products lack.
        unread: why policies of the catalog can't be read.
    """

    judgement: Judgement
    lacking: tuple[Lack, ...]
    unread: tuple[MeshError, ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether anything of it stops a plan."""
        stops = any(one.finding.stops for one in self.lacking)
        return stops or bool(self.judgement.blocking or self.judgement.failed or self.unread)


def check(
    workspace: Workspace,
    told: Registration,
    catalog: Catalog | None,
    *,
    everywhere: bool = False,
    today: str = "",
) -> Checked:
    """Check a workspace as it would be once it is applied.

    Args:
        workspace: the files.
        told: what an apply of them tells the catalog.
        catalog: what is known of other domains, and the policies that hold everywhere; None where
            there is none.
        everywhere: judge what other domains have, too.
        today: ISO 8601; the present day, UTC, when empty.

    Raises:
        MeshError: the catalog can't be read.
    """
    policies, unread = in_force(workspace, catalog)
    beside: Beside = nothing_beside
    if catalog is not None:
        beside = partial(catalog.beside, told=told)
    state = MeshState(told, beside, today or datetime.now(UTC).date().isoformat())
    judgement = judge(policies, state, None if everywhere else frozenset(workspace.domains))
    return Checked(judgement, tuple(lacking(workspace)), unread)


def in_force(
    workspace: Workspace, catalog: Catalog | None
) -> tuple[tuple[Policy, ...], tuple[MeshError, ...]]:
    """Give the policies that hold for a workspace, and why others can't be read.

    They are its own, and those that hold everywhere: from the catalog, unless it has them itself.
    """
    policies, unread = list(workspace.policies), []
    known = () if workspace.governs or catalog is None else catalog.global_policies()
    for file, text in known:
        name = file.rpartition("/")[2].removesuffix(POLICY_END)
        try:
            source = source_text(IN_CATALOG + file, text.encode())
            policies.append(read_policy(source, "", name))
        except MeshError as error:
            first = flatten(error)[0]
            unread.append(QueryRefused(policy=name, reason=first.what, where=first.where))
    return tuple(policies), tuple(unread)


def lacking(workspace: Workspace) -> Iterator[Lack]:
    """Give what products lack; what their domain lacks once."""
    seen = set()
    for domain in workspace.domains.values():
        for product in domain.products:
            for finding in completeness(product, domain):
                key = (finding.what, finding.where)
                if key not in seen:
                    seen.add(key)
                    yield Lack(product, finding)

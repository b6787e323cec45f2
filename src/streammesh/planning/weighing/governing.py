"""What policies and the rules for products say of a plan: problems that stop it, and notes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.records import Registration
from streammesh.catalog.registering import asset_of, registration
from streammesh.documents.names import Names
from streammesh.documents.policy import Policy, domain_of
from streammesh.documents.values import Port, Workspace
from streammesh.errors import Location, MeshError
from streammesh.errors.policies import MoreViolations, PolicyViolated, ProductIncomplete
from streammesh.planning.findings import Findings, Note
from streammesh.planning.owner import Owner, domain_owner, mesh_owner
from streammesh.planning.systems import Platform
from streammesh.policies.checking import IN_CATALOG, Checked, Lack, check
from streammesh.policies.judging import Violation
from streammesh.policies.whereabouts import Whereabouts

SHOWN = 20
"""So many violations of one policy, and fields of one product that lack the same, are told."""


def governed(
    workspace: Workspace, names: Names, told: Registration, platform: Platform, *, today: str = ""
) -> Findings:
    """Judge what would be by the policies in force, and by what may be called a product.

    Args:
        workspace: the files.
        names: those of the environment.
        told: what an apply tells the catalog.
        platform: its catalog knows other domains, and policies that hold everywhere.
        today: ISO 8601; the present day when empty.

    Raises:
        MeshError: the catalog can't be read.
    """
    everywhere = workspace.governs
    checked = check(workspace, told, platform.catalog, everywhere=everywhere, today=today)
    return _Told(workspace, names).findings(checked)


def retiring(workspace: Workspace, names: Names, catalog: Catalog, port: Port) -> Findings:
    """Say what policies say of a version once it is retired, as the plan of that will.

    Args:
        workspace: the files; it isn't retired there yet.
        names: those of the environment.
        catalog: what the mesh knows.
        port: the version.

    Raises:
        MeshError: the catalog can't be read.
    """
    asset, told = asset_of(port), registration(workspace, names, {}, {})
    versions = (
        replace(one, status="retired") if one.asset == asset else one for one in told.versions
    )
    checked = check(workspace, replace(told, versions=tuple(versions)), catalog)
    mine = tuple(one for one in checked.judgement.violations if one.subject == asset)
    judgement = replace(checked.judgement, violations=mine, allowances=())
    return _Told(workspace, names).findings(replace(checked, judgement=judgement, lacking=()))


class _Told:
    """Tells what was found, each thing with its place and with whose it is."""

    def __init__(self, workspace: Workspace, names: Names) -> None:
        self._workspace = workspace
        self._whereabouts = Whereabouts(workspace)
        self._topics = {asset_of(port): port.topic(names) for port in workspace.ports}
        self._owners = {
            asset_of(port): Owner(
                f"product/{port.topic(names)}", port.domain, f"{port.label} v{port.major}"
            )
            for port in workspace.ports
        }
        self._firsts = {
            f"{port.domain}.{port.product}": self._owners[asset_of(port)]
            for port in reversed(workspace.ports)
        }

    def findings(self, checked: Checked) -> Findings:
        """Give problems and notes."""
        own, others = self._split(checked)
        blocking = [one for one in own if one.policy.blocks]
        stopping = [one for one in checked.lacking if one.finding.stops]
        return Findings(
            problems=(
                *checked.unread,
                *(error for one, error in _failed(checked) if _stops(one)),
                *self._violated(blocking),
                *self._incomplete(stopping),
            ),
            notes=(
                *(self._warning(one) for one in own if not one.policy.blocks),
                *self._expired(checked),
                *self._unready([one for one in checked.lacking if not one.finding.stops]),
                *_elsewhere(others),
                *(_unjudged(error) for one, error in _failed(checked) if not _stops(one)),
            ),
        )

    def _split(self, checked: Checked) -> tuple[list[Violation], list[Violation]]:
        """Tell what is ours from what is other domains': that never stops us."""
        own: list[Violation] = []
        others: list[Violation] = []
        for one in checked.judgement.violations:
            (own if domain_of(one.subject) in self._workspace.domains else others).append(one)
        return own, others

    def _violated(self, violations: list[Violation]) -> Iterator[MeshError]:
        by_policy: dict[str, list[Violation]] = defaultdict(list)
        for one in violations:
            by_policy[one.policy.label].append(one)
        for label, found in by_policy.items():
            yield from map(self._problem, found[:SHOWN])
            if found[SHOWN:]:
                yield MoreViolations(count=len(found) - SHOWN, policy=label)

    def _problem(self, one: Violation) -> PolicyViolated:
        asset = self._asset(one.subject)
        topic = {"topic": self._topics[asset]} if asset else {}
        return PolicyViolated(
            message=one.message,
            policy=one.policy.label,
            subject=one.subject,
            where=self._whereabouts.of(one.subject),
            why=f"policy {one.policy.label}: {one.policy.description}\n"
            f"Whom to ask: {one.policy.answers}",
            fix=one.fix or None,
            **topic,
        )

    def _warning(self, one: Violation) -> Note:
        text = f"policy {one.policy.label}: {one.message}" + (f"; {one.fix}" if one.fix else "")
        where = self._whereabouts.of(one.subject)
        return Note(self._owner(one.subject), text, "!", where, standing=True)

    def _expired(self, checked: Checked) -> Iterator[Note]:
        for one in checked.judgement.allowances:
            here = domain_of(one.exception.subject) in self._workspace.domains
            if one.expired and one.used and (here or not _elsewheres(one.policy)):
                text = (
                    f"the exception of policy {one.policy.label} for {one.exception.subject} "
                    f"expired on {one.exception.expires}"
                )
                owner = self._owner(one.exception.subject)
                yield Note(owner, text, "!", one.exception.where, standing=True)

    def _incomplete(self, lacks: list[Lack]) -> Iterator[ProductIncomplete]:
        counts: Counter[tuple[str, str, str]] = Counter()
        for one in lacks:
            file = one.finding.where.file if one.finding.where else ""
            key = (one.product.domain, file, one.finding.name)
            counts[key] += 1
            if counts[key] <= SHOWN:
                yield self._lack(one)
        for (domain, file, name), count in counts.items():
            if count > SHOWN:
                finding = f"{domain}: {count - SHOWN:,} more of `{name}`"
                fix = "mesh policy check shows them all"
                yield ProductIncomplete(finding=finding, where=Location(file), fix=fix)

    def _lack(self, one: Lack) -> ProductIncomplete:
        topic = self._first_topic(one)
        return ProductIncomplete(
            finding=one.finding.what,
            rule=one.finding.name,
            where=one.finding.where,
            fix=one.finding.fix,
            **topic,
        )

    def _first_topic(self, one: Lack) -> Mapping[str, str]:
        """Give the topic of the port whose file it is in, or else of the product's first."""
        ports = [port for port in one.product.ports if port.status != "retired"]
        file = one.finding.where.file if one.finding.where else ""
        mine = [port for port in ports if port.contract.path == file] or ports
        return {"topic": self._topics[asset_of(mine[0])]} if mine else {}

    def _unready(self, lacks: list[Lack]) -> Iterator[Note]:
        """Say of each draft how much it lacks."""
        counts = Counter((one.product.domain, one.product.name) for one in lacks)
        for (domain, product), count in counts.items():
            things = "1 thing" if count == 1 else f"{count:,} things"
            text = f"lacks {things} that an active product has; `mesh policy check` tells them"
            yield Note(self._owner(f"{domain}.{product}"), text, " ", standing=True)

    def _asset(self, subject: str) -> str:
        """Give the version that a subject is, or is a part of; empty when it is of none."""
        parts = subject.split(".")
        names = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
        return next((one for one in names if one in self._topics), "")

    def _owner(self, subject: str) -> Owner:
        asset = self._asset(subject)
        if asset:
            return self._owners[asset]
        return self._firsts.get(subject) or domain_owner(domain_of(subject))


def _failed(checked: Checked) -> Iterator[tuple[Policy, MeshError]]:
    failed = checked.judgement.failed
    return ((one, failed[one.label]) for one in checked.judgement.policies if one.label in failed)


def _elsewheres(policy: Policy) -> bool:
    """Tell whether another workspace holds a policy."""
    return policy.path.startswith(IN_CATALOG)


def _stops(policy: Policy) -> bool:
    """Tell whether it stops a plan that a policy can't be judged by.

    A gate that can't be judged is shut, and its author learns of any; others' warnings wait.
    """
    return policy.blocks or not _elsewheres(policy)


def _unjudged(error: MeshError) -> Note:
    return Note(mesh_owner(), error.what, "!", error.where, standing=True)


def _elsewhere(violations: list[Violation]) -> Iterator[Note]:
    """Say in the workspace that governs what its policies find in other domains."""
    for label in dict.fromkeys(one.policy.label for one in violations):
        found = [one for one in violations if one.policy.label == label]
        domains = len({domain_of(one.subject) for one in found})
        where = "1 other domain" if domains == 1 else f"{domains:,} other domains"
        text = f"policy {label}: {len(found):,} violated in {where}; `mesh policy check --all`"
        yield Note(mesh_owner(), text, "!", found[0].policy.query_place, standing=True)

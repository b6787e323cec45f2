"""Sources of products: their deployments; topics, users and rights are compared elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from streammesh.deployments.deployment import ProductDeployment, SourceDeployment, intact
from streammesh.planning.diff.genuine import tampered
from streammesh.planning.findings import Findings, Note, added, step
from streammesh.planning.observing.observed import Observed
from streammesh.planning.steps.write_source import WriteSource
from streammesh.planning.tables import table_changes
from streammesh.planning.wanting.desired import Desired
from streammesh.planning.wanting.gathering import WantedGathering


def diff(desired: Desired, observed: Observed) -> Findings:
    """Compare each source of products with what its engine runs."""
    return added(_source(one, desired, observed) for one in desired.gathered)


def _source(wanted: WantedGathering, desired: Desired, observed: Observed) -> Findings:
    notes = (*_unread(wanted), *_deprecated(wanted, desired, observed))
    return _deployment(wanted, observed) + Findings(notes=notes)


def _deprecated(wanted: WantedGathering, desired: Desired, observed: Observed) -> Iterator[Note]:
    """Name products that are read and will end."""
    here = {one.deployment.topic: one.deployment for one in desired.products}
    for number, one in enumerate(wanted.deployment.inputs):
        stands = here.get(one.topic) or observed.deployments.get(f"product/{one.topic}")
        if isinstance(stands, ProductDeployment) and stands.status == "deprecated":
            where = wanted.source.places.get(f"products[{number}]")
            text = f"reads what is deprecated and will end: {wanted.source.products[number]}"
            yield Note(wanted.owner, text, "!", where, standing=True)


def _unread(wanted: WantedGathering) -> Iterator[Note]:
    """Name products of which no model reads anything."""
    for number, one in enumerate(wanted.deployment.tables):
        if len(one.columns) == len(one.primary_key):
            product = wanted.source.products[number]
            where = wanted.source.places.get(f"products[{number}]")
            text = f"listed, but no model reads more than the key of it: {product}"
            yield Note(wanted.owner, text, "!", where, standing=True)


def _deployment(wanted: WantedGathering, observed: Observed) -> Findings:
    new, where = wanted.deployment, wanted.source.places.get("products")
    old = observed.deployments.get(new.key)
    if not isinstance(old, SourceDeployment):
        return step(WriteSource(wanted.owner, new, first=True, where=where))
    whole = intact(old)
    if old.digest == new.digest and whole:
        return Findings()
    told = Findings() if whole else tampered(wanted.owner, wanted.owner.label)
    changes = tuple(table_changes(old.tables, new.tables))
    notes = tuple(Note(wanted.owner, one.text, one.symbol, where) for one in changes)
    words = ("its products are read anew",) if changes or old.inputs != new.inputs else ()
    words = words or ("its settings changed",)
    written = WriteSource(wanted.owner, new, words, where=where)
    return told + Findings(steps=(written,), notes=notes)

"""Products: what changes for their consumers, what may not, and their deployments."""

from __future__ import annotations

from dataclasses import replace

from streammesh.deployments.deployment import ProductDeployment
from streammesh.errors import Location
from streammesh.errors.planning import BreakingChange, KeyChanged
from streammesh.planning.desired import Desired, WantedProduct
from streammesh.planning.diff.schemas import NEW_MAJOR
from streammesh.planning.fields import FieldChange, changes
from streammesh.planning.findings import Findings, Note, added, problem, step
from streammesh.planning.observed import Observed
from streammesh.planning.steps.write_product import WriteProduct


def diff(desired: Desired, observed: Observed) -> Findings:
    """Compare each product with what its engine runs."""
    return added(_product(one, desired, observed) for one in desired.products)


def _product(wanted: WantedProduct, desired: Desired, observed: Observed) -> Findings:
    old = observed.deployments.get(wanted.deployment.key)
    if not isinstance(old, ProductDeployment):
        rows = _root_rows(wanted, desired)
        count = "" if rows is None else f" (about {rows:,})"
        effect = f"publishes every document once{count}, then each change"
        return step(WriteProduct(wanted.owner, wanted.deployment, "", effect))
    return _key(wanted, old) + _fields(wanted, old) + _deployment(wanted, old, desired)


def _key(wanted: WantedProduct, old: ProductDeployment) -> Findings:
    if old.key_schema == wanted.deployment.key_schema:
        return Findings()
    why = "A key's bytes would be another key: earlier events could never be replaced or deleted."
    where = wanted.built.contract.places.get("")
    topic = wanted.deployment.topic
    return problem(KeyChanged(topic=topic, where=where, why=why, fix=NEW_MAJOR))


def _fields(wanted: WantedProduct, old: ProductDeployment) -> Findings:
    places = wanted.built.contract.places
    found = changes(old.contract, wanted.deployment.contract)
    notes = tuple(
        Note(wanted.owner, f"field {one.path}   {one.text}", one.symbol, places.get(one.path))
        for one in found
    )
    breaking = (_breaking(wanted, one) for one in found if one.breaks)
    return Findings(notes=notes, problems=tuple(breaking))


def _breaking(wanted: WantedProduct, change: FieldChange) -> BreakingChange:
    words = {"+": "is new", "-": "is gone"}.get(change.symbol, change.text)
    places = wanted.built.contract.places
    return BreakingChange(
        topic=wanted.deployment.topic,
        field=change.path,
        change=words,
        where=places.get(change.path) or places.get(""),
        why=change.breaks if words == change.text else f"{change.text}: {change.breaks}",
        fix=NEW_MAJOR,
    )


def _deployment(wanted: WantedProduct, old: ProductDeployment, desired: Desired) -> Findings:
    if same(old, wanted.deployment):
        return Findings()
    effect = _effect(old, wanted, desired)
    written = step(WriteProduct(wanted.owner, wanted.deployment, old.version, effect))
    promises = (old.contract, old.stream) != (wanted.deployment.contract, wanted.deployment.stream)
    if promises and old.version == wanted.deployment.version:
        text = f"the contract changed, its version is still {old.version}"
        written += Findings(notes=(Note(wanted.owner, text, "!", _place(wanted)),))
    return written


def _place(wanted: WantedProduct) -> Location | None:
    return wanted.built.port.contract.places.get("version")


def same(old: ProductDeployment, new: ProductDeployment) -> bool:
    """Tell whether two deployments are equal but for ids that only the registry gives."""
    return _without_ids(old) == _without_ids(new)


def _without_ids(one: ProductDeployment) -> ProductDeployment:
    return replace(one, key_schema_id=0, value_schema_id=0, digest="")


def _effect(old: ProductDeployment, wanted: WantedProduct, desired: Desired) -> str:
    new = wanted.deployment
    if (old.model, old.contract) == (new.model, new.contract):
        return "its settings change, no document does"
    rows = _root_rows(wanted, desired)
    count = "" if rows is None else f" (at most about {rows:,})"
    return f"documents whose content changes are published again{count}"


def _root_rows(wanted: WantedProduct, desired: Desired) -> int | None:
    """Give how many rows the root table has, as the database estimates; None when unknown."""
    for source in desired.sources:
        if source.deployment.source != wanted.deployment.source:
            continue
        for table in source.database.tables:
            if table.name == wanted.deployment.model.root and table.estimated_rows >= 0:
                return table.estimated_rows
    return None

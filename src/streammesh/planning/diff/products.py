"""Products: what changes for their consumers, what may not, and their deployments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from functools import cache

from streammesh.deployments.deployment import ProductDeployment
from streammesh.errors import Location
from streammesh.errors.planning import BreakingChange, KeyChanged
from streammesh.models.compiled import CompiledModel
from streammesh.planning.diff.genuine import genuine, tampered
from streammesh.planning.diff.reading import reads_some
from streammesh.planning.diff.schemas import NEW_MAJOR
from streammesh.planning.findings import Findings, Note, added, problem, step
from streammesh.planning.observing.observed import Observed
from streammesh.planning.reading_products import Reader, named, readers
from streammesh.planning.showing.rates import about, publishing_seconds
from streammesh.planning.steps.write_product import WriteProduct
from streammesh.planning.wanting.desired import Desired, WantedProduct, stream_place
from streammesh.planning.weighing.fields import FieldChange, changes


def diff(desired: Desired, observed: Observed) -> Findings:
    """Compare each product with what its engine runs."""
    read = readers(desired, observed)

    @cache  # many products are of one source
    def after_reading(domain: str, source: str) -> bool:
        """Tell whether tables of a source are read first."""
        return any(reads_some(one, observed) for one in desired.by_id(domain, source))

    return added(
        _product(
            one,
            desired,
            observed,
            read.get(one.deployment.topic, ()),
            after=after_reading(one.deployment.domain, one.deployment.source),
        )
        for one in desired.products
    )


def _product(
    wanted: WantedProduct,
    desired: Desired,
    observed: Observed,
    read: Sequence[Reader],
    *,
    after: bool,
) -> Findings:
    old = observed.deployments.get(wanted.deployment.key)
    if not isinstance(old, ProductDeployment):
        rows = _root_rows(wanted, desired)
        effect = f"each is published once{_how_many('about', rows)}, then every change"
        where = _place(wanted)
        first = WriteProduct(wanted.owner, wanted.deployment, "", effect, rows, after, where=where)
        return step(first)
    if not genuine(old, observed):  # what it says of the contract, no apply has said
        again = _deployment(wanted, old, desired, after=after, again=True)
        return tampered(wanted.owner, old.topic) + again
    told = _key(wanted, old, read) + _fields(wanted, old, read)
    told += Findings(notes=_model(wanted, old))
    return told + _deployment(wanted, old, desired, after=after)


def _key(wanted: WantedProduct, old: ProductDeployment, read: Sequence[Reader]) -> Findings:
    if old.key_schema == wanted.deployment.key_schema:
        return Findings()
    why = "A key's bytes would be another key: earlier events could never be replaced or deleted."
    why += f"\n{named(read)} reads it." if read else ""
    where = wanted.built.contract.places.get("")
    topic = wanted.deployment.topic
    return problem(KeyChanged(topic=topic, where=where, why=why, fix=NEW_MAJOR))


def _fields(wanted: WantedProduct, old: ProductDeployment, read: Sequence[Reader]) -> Findings:
    found = changes(old.contract, wanted.deployment.contract)
    if not found:
        return Findings()
    places = wanted.built.contract.places
    notes = tuple(
        Note(wanted.owner, one.text, one.symbol, places.get(one.path), "field", one.path)
        for one in found
    )
    breaking = (_breaking(wanted, one, read) for one in found if one.breaks)
    return Findings(notes=notes, problems=tuple(breaking))


def _model(wanted: WantedProduct, old: ProductDeployment) -> tuple[Note, ...]:
    """Say how the model differs: what it reads, else that it computes something differently."""
    new = wanted.deployment.model
    if old.model == new:
        return ()
    before, after = _reads(old.model), _reads(new)
    words = [f"reads {_listed(after - before)} as well"] if after - before else []
    words += [f"no longer reads {_listed(before - after)}"] if before - after else []
    words = words or ["computes its documents differently"]
    path = wanted.built.port.model.path
    name = path.rpartition("/")[2]
    return (Note(wanted.owner, "; ".join(words), "~", None, "model", name),)


def _reads(model: CompiledModel) -> frozenset[str]:
    return frozenset(f"{table}.{column}" for table, columns in model.columns for column in columns)


def _listed(names: Iterable[str]) -> str:
    shown = sorted(names)
    return ", ".join(shown[:4]) + (f" and {len(shown) - 4} more" if shown[4:] else "")


def _breaking(wanted: WantedProduct, change: FieldChange, read: Sequence[Reader]) -> BreakingChange:
    words = {"+": "is new", "-": "is gone"}.get(change.symbol, change.text)
    places = wanted.built.contract.places
    why = change.breaks if words == change.text else f"{change.text}: {change.breaks}"
    hit = [one for one in read if one.reads(change.path)]
    return BreakingChange(
        topic=wanted.deployment.topic,
        field=change.path,
        change=words,
        where=places.get(change.path) or places.get(""),
        why=f"{why}\nread by {named(hit)}" if hit else why,
        fix=NEW_MAJOR,
    )


def _deployment(
    wanted: WantedProduct,
    old: ProductDeployment,
    desired: Desired,
    *,
    after: bool,
    again: bool = False,
) -> Findings:
    if same(old, wanted.deployment) and not again:
        return Findings()
    effect, published = _effect(old, wanted, desired)
    where = _place(wanted)
    deployment = wanted.deployment
    written = step(
        WriteProduct(wanted.owner, deployment, old.version, effect, published, after, where=where)
    )
    written += Findings(notes=_settings(wanted, old))
    new = wanted.deployment
    promises = (old.contract, old.stream, _rules(old)) != (new.contract, new.stream, _rules(new))
    if promises and old.version == wanted.deployment.version:
        text = f"the contract changed, its version is still {old.version}"
        written += Findings(notes=(Note(wanted.owner, text, "!", _place(wanted), "version"),))
    return written


def _place(wanted: WantedProduct) -> Location | None:
    return wanted.built.port.contract.places.get("version")


def same(old: ProductDeployment, new: ProductDeployment) -> bool:
    """Tell whether two deployments are equal but for ids that only the registry gives."""
    return _without_ids(old) == _without_ids(new)


def _without_ids(one: ProductDeployment) -> ProductDeployment:
    return replace(one, key_schema_id=0, value_schema_id=0, digest="", earlier=())


def _settings(wanted: WantedProduct, old: ProductDeployment) -> tuple[Note, ...]:
    """Give what changes of a contract's `stream` property, and its status."""
    before = asdict(old.stream) | {"status": old.status} | _rules(old)
    new = wanted.deployment
    after = asdict(new.stream) | {"status": new.status} | _rules(new)
    where = stream_place(wanted.built.port)
    return tuple(
        Note(wanted.owner, f"{_plain(before[name])} → {_plain(value)}", "~", where, "setting", name)
        for name, value in after.items()
        if before[name] != value
    )


def _rules(one: ProductDeployment) -> dict[str, str]:
    """Give the rules that look at more than one value, in words."""
    distinct = "; ".join(", ".join(fields) for fields in one.distinct)
    return {"no two alike": distinct, "rules in SQL": "; ".join(c.name for c in one.conditions)}


def _plain(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value) or "nothing"


def _effect(old: ProductDeployment, wanted: WantedProduct, desired: Desired) -> tuple[str, int]:
    """Say what happens to the events, and how many are published at most; -1 when unknown."""
    new = wanted.deployment
    if (old.model, old.contract, _rules(old)) == (new.model, new.contract, _rules(new)):
        return "none changes, only settings do", 0
    rows = _root_rows(wanted, desired)
    added = [one.symbol for one in changes(old.contract, new.contract) if one.symbol in "+-"]
    if added:
        fields = "the new field" if added == ["+"] else "other fields"
        return f"all are published again{_how_many('about', rows)}, with {fields}", rows
    if old.value_schema != new.value_schema:
        # each event names its schema
        return f"all are published again{_how_many('about', rows)}, with another schema", rows
    return f"those that come out differently are published again{_how_many('at most', rows)}", rows


def _how_many(word: str, documents: int) -> str:
    if documents < 0:
        return ""
    return f" ({word} {documents:,}, {about(publishing_seconds(documents))})"


def _root_rows(wanted: WantedProduct, desired: Desired) -> int:
    """Give how many rows its root tables have, as the database estimates; -1 when unknown."""
    deployment = wanted.deployment
    for source in desired.by_id(deployment.domain, deployment.source):
        rows = {table.name: table.estimated_rows for table in source.database.tables}
        found = [rows.get(one.root, -1) for one in deployment.model.branches]
        return -1 if -1 in found else sum(found)
    return -1

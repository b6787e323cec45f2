"""Sources: publication, connector, deployment, and when all has to be read anew."""

from __future__ import annotations

from collections.abc import Mapping

from streammesh.capture.failures import explain
from streammesh.capture.publication import Publication, publication_statements
from streammesh.deployments.deployment import SourceDeployment, intact
from streammesh.errors import Location
from streammesh.errors.capture import NoPublicationRight
from streammesh.errors.planning import ForeignResource
from streammesh.planning.diff import reading
from streammesh.planning.diff.genuine import tampered
from streammesh.planning.diff.reading import reads_some
from streammesh.planning.findings import Findings, Note, added, problem, step
from streammesh.planning.observing.observed import Observed
from streammesh.planning.readings import HELD
from streammesh.planning.steps.confirm import Confirm
from streammesh.planning.steps.new_generation import BEGUN, NewGeneration
from streammesh.planning.steps.put_connector import ConfigureConnector, CreateConnector
from streammesh.planning.steps.put_publication import AlterPublication, CreatePublication
from streammesh.planning.steps.restart_connector import RestartConnector
from streammesh.planning.steps.write_source import WriteSource
from streammesh.planning.tables import (
    TableChange,
    estimated_rows,
    held,
    holds,
    snapshot_of,
    table_changes,
)
from streammesh.planning.wanting.desired import Desired, WantedSource
from streammesh.planning.wanting.product_wants import span
from streammesh.platform.connect import Connector
from streammesh.platform.stores import Resource


def diff(desired: Desired, observed: Observed) -> Findings:
    """Compare each source; the topics, users and rights it wants are compared elsewhere."""
    return added(_source(one, observed) for one in desired.sources)


def _source(wanted: WantedSource, observed: Observed) -> Findings:
    return added(
        (
            _publication(wanted, observed),
            _deployment(wanted, observed),
            _connector(wanted, observed),
        )
    )


def _publication(wanted: WantedSource, observed: Observed) -> Findings:
    publication, stands = wanted.wants.publication, wanted.database.publication
    record = observed.record("publication", publication.name)
    url = wanted.source.url
    if stands is None:
        return step(CreatePublication(wanted.owner, url, publication))
    if record is None:
        return _not_ours(wanted, stands)
    if record.intended:
        return step(CreatePublication(wanted.owner, url, publication))
    if stands != publication:
        return step(AlterPublication(wanted.owner, url, publication))
    return Findings()


def _not_ours(wanted: WantedSource, stands: Publication) -> Findings:
    """Take somebody else's publication as it is when it says what we need; it is never changed."""
    statements = publication_statements(wanted.wants.publication, stands)
    told = any(isinstance(one, NoPublicationRight) for one in wanted.database.problems)
    if not statements or told:
        return Findings()
    written = "\n".join(f"{one.as_string(None)};" for one in statements)
    fix = f"let its owner run:\n{written}\nor remove it if nobody needs it"
    return problem(ForeignResource(kind="publication", name=stands.name, fix=fix))


def _foreign(kind: str, name: str) -> Findings:
    fix = "remove it if nobody needs it, or give the source another name"
    return problem(ForeignResource(kind=kind, name=name, fix=fix))


def _deployment(wanted: WantedSource, observed: Observed) -> Findings:
    old = observed.deployments.get(wanted.deployment.key)
    if not isinstance(old, SourceDeployment):
        written = WriteSource(wanted.owner, wanted.deployment, first=True, where=_place(wanted))
        return step(written)
    whole = intact(old)
    if old.digest == wanted.deployment.digest and whole:
        return Findings()
    told = Findings() if whole else tampered(wanted.owner, wanted.owner.label)
    changes = table_changes(old.tables, wanted.deployment.tables)
    notes = tuple(_table_note(wanted, one) for one in changes)
    differences = _differences(old, wanted.deployment)
    written = WriteSource(
        wanted.owner,
        wanted.deployment,
        differences,
        after_reading=reads_some(wanted, observed),
        where=_place(wanted),
    )
    return told + Findings(steps=(written,), notes=notes)


def _table_note(wanted: WantedSource, change: TableChange) -> Note:
    kind, _, rest = change.text.partition(" ")
    if kind not in ("table", "column"):
        return Note(wanted.owner, change.text, change.symbol)
    name, _, text = rest.partition(" ")
    place = wanted.source.places.get("tables") if kind == "table" else None
    return Note(wanted.owner, text, change.symbol, place, kind, name)


def _place(wanted: WantedSource) -> Location | None:
    return wanted.source.places.get("tables") or wanted.source.where


def _differences(old: SourceDeployment, new: SourceDeployment) -> tuple[str, ...]:
    """Say what differs, beside the tables' own differences, which are told one by one."""
    kept = f"kept {span(old.retention_ms)} → {span(new.retention_ms)}"
    return tuple(
        words
        for words, before, after in (
            ("its tables changed", old.tables, new.tables),
            (kept, old.retention_ms, new.retention_ms),
            (f"slot {old.slot} → {new.slot}", old.slot, new.slot),
            (f"log {old.log} → {new.log}", old.log, new.log),
        )
        if before != after
    )


def _connector(wanted: WantedSource, observed: Observed) -> Findings:
    name = wanted.wants.connector
    stands, record = observed.connectors.get(name), observed.record("connector", name)
    if stands is not None and record is None:
        return _foreign("connector", name)
    reason = _generation_reason(wanted, observed, record)
    read = reading.diff(wanted, observed, anew=reason)
    if reason:
        return step(_new_generation(wanted, reason)) + read
    if stands is None:
        return step(_create(wanted)) + read
    confirmed = Findings()
    if record is not None and record.intended and not read.steps:
        confirmed = step(Confirm(wanted.owner, (record,)))
    return confirmed + _running(wanted, stands, record, reads=bool(read.steps)) + read


def _generation_reason(wanted: WantedSource, observed: Observed, record: Resource | None) -> str:
    """Say why all has to be read anew; empty when it need not."""
    if record is None:
        return ""
    slot, name, copied = wanted.database.slot, record.name, wanted.source.snapshot == "copy"
    stands = name in observed.connectors
    replaced = _replaced(wanted, record)
    reasons = {
        "an interrupted apply had begun it": BEGUN in record.details,
        "it was asked for": wanted.read_anew,
        "its private log is gone, and with it changes that its engine may not have read": _log_gone(
            wanted, observed
        ),
        f"the database is another one, or was restored ({replaced})": replaced,
        "its tables changed": not copied
        and not holds(record.details.get(HELD, ""), wanted.database.tables),
        "the database dropped changes that had not been captured (its slot is lost)": slot
        is not None
        and slot.lost,
        "its replication slot is gone, and with it the changes since": slot is None
        and (name in observed.captured or (copied and stands)),
        "its connector is gone, and nobody knows how far it came": not record.intended
        and not stands,
    }
    return next((reason for reason, applies in reasons.items() if applies), "")


def _log_gone(wanted: WantedSource, observed: Observed) -> bool:
    log = wanted.deployment.log
    made = observed.record("topic", log)
    return made is not None and not made.intended and log not in observed.topics


def _new_generation(wanted: WantedSource, reason: str) -> NewGeneration:
    tables = wanted.database.tables
    return NewGeneration(
        owner=wanted.owner,
        name=wanted.wants.connector,
        config=wanted.wants.connector_config,
        url=wanted.source.url,
        slot=wanted.wants.slot,
        holds=_holds(wanted),
        snapshot_rows=estimated_rows(tables),
        reason=reason,
        capture=reading.capture(wanted),
        where=_place(wanted),
    )


def _holds(wanted: WantedSource) -> dict[str, str]:
    """Describe what a snapshot by the connector holds: which tables, of which database."""
    identity = wanted.database.identity
    # what streammesh reads itself is held when it has been read
    copied = wanted.source.snapshot == "copy"
    described = {} if copied else {HELD: snapshot_of(wanted.database.tables)}
    if identity is not None:
        described["system_identifier"] = identity.system_identifier
        described["timeline"] = str(identity.timeline)
    return described


def _goes_on(wanted: WantedSource, record: Resource | None) -> dict[str, str]:
    """Describe what the connector's record holds of the tables that are still wanted."""
    if wanted.source.snapshot != "copy" or record is None:
        return _holds(wanted)
    kept = held(record.details.get(HELD, ""), wanted.database.tables)
    return {**record.details, HELD: snapshot_of(kept)}


def _replaced(wanted: WantedSource, record: Resource) -> str:
    """Say how the database is another one, whose positions mean something else; empty if not."""
    now, before = _holds(wanted), record.details
    for name in ("system_identifier", "timeline"):
        if name in before and name in now and before[name] != now[name]:
            return f"{name.replace('_', ' ')} {before[name]}, now {now[name]}"
    slot = wanted.database.slot
    if slot is None or not slot.went_back:
        return ""
    return f"it went back: captured up to {slot.confirmed}, and it is at {slot.went_back}"


def _create(wanted: WantedSource) -> CreateConnector:
    tables = wanted.database.tables
    return CreateConnector(
        owner=wanted.owner,
        name=wanted.wants.connector,
        config=wanted.wants.connector_config,
        holds=_holds(wanted),
        snapshot_rows=estimated_rows(tables),
        capture=reading.capture(wanted),
        where=_place(wanted),
    )


def _running(
    wanted: WantedSource, stands: Connector, record: Resource | None, *, reads: bool
) -> Findings:
    changed = changed_settings(stands.config, wanted.wants.connector_config)
    findings = Findings()
    if changed:
        config = wanted.wants.connector_config
        configured = ConfigureConnector(
            owner=wanted.owner,
            name=stands.name,
            config=config,
            changed=changed,
            holds=_goes_on(wanted, record),
            capture=reading.capture(wanted) if reads else None,
        )
        findings = step(configured)
    if stands.failed or stands.state in ("PAUSED", "STOPPED"):
        state = "FAILED" if stands.failed else stands.state
        findings += step(RestartConnector(wanted.owner, stands.name, state, _cause(stands)))
    return findings


def _cause(stands: Connector) -> str:
    if not stands.failed:
        return ""
    known = explain(stands.name, stands).why
    return " ".join((known or stands.cause).split())


def changed_settings(stands: Mapping[str, str], wanted: Mapping[str, str]) -> tuple[str, ...]:
    """Name what differs between two configurations; Connect adds `name` by itself."""
    names = (stands.keys() | wanted.keys()) - {"name"}
    return tuple(sorted(name for name in names if stands.get(name) != wanted.get(name)))

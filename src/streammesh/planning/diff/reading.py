"""Which tables of a source have to be read, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from streammesh.deployments.forms import form
from streammesh.deployments.progress import Lsn
from streammesh.models.tables import Table
from streammesh.planning.findings import Findings, step
from streammesh.planning.observing.observed import Observed
from streammesh.planning.readings import HELD, POSITION, forms_of, reading_of
from streammesh.planning.steps.read_tables import ReadTables
from streammesh.planning.tables import holds
from streammesh.planning.wanting.capturing import Capture
from streammesh.planning.wanting.desired import WantedSource
from streammesh.platform.stores import Resource

NEW = "new in the source"
CHANGED = "its columns changed"
NEVER = "they were never read"
WAITING = "its engine waits for it: its values changed unseen, or the rows it had are lost"
INTERRUPTED = "an interrupted apply had begun it"


def capture(wanted: WantedSource) -> Capture | None:
    """Give what a source is captured with; None where its connector reads the tables."""
    identity = wanted.database.identity
    if wanted.source.snapshot != "copy" or identity is None:
        return None
    return Capture(
        owner=wanted.owner,
        connector=wanted.wants.connector,
        url=wanted.source.url,
        slot=wanted.wants.slot,
        log=wanted.deployment.log,
        topic=wanted.wants.rows,
        tables=wanted.database.tables,
        identity=identity,
        retention_ms=wanted.source.retention_ms,
        sessions=wanted.source.sessions,
    )


def diff(wanted: WantedSource, observed: Observed, *, anew: str) -> Findings:
    """Say what has to be read.

    Args:
        wanted: the source.
        observed: what stands.
        anew: why all has to be read anew; empty when it need not.
    """
    captured, missing = capture(wanted), _missing(wanted, observed, anew)
    if captured is None or not missing.reasons:
        return Findings()
    record = _record(wanted, observed)
    first = record is None or (record.intended and not anew)
    return step(
        ReadTables(
            owner=wanted.owner,
            capture=captured,
            tables=tuple(one for one in wanted.database.tables if str(one.name) in missing.reasons),
            whole=missing.whole,
            reasons={} if first else missing.reasons,
            where=wanted.source.places.get("tables") or wanted.source.where,
        )
    )


def reads_some(wanted: WantedSource, observed: Observed) -> bool:
    """Tell whether some tables are read while the others go on."""
    missing = _missing(wanted, observed, "")
    return capture(wanted) is not None and bool(missing.reasons) and not missing.whole


@dataclass(frozen=True)
class _Missing:
    """What has to be read.

    Attributes:
        reasons: why, by the table's name.
        whole: whether it replaces everything.
    """

    reasons: Mapping[str, str]
    whole: bool


def _record(wanted: WantedSource, observed: Observed) -> Resource | None:
    return observed.record("connector", wanted.wants.connector)


def _missing(wanted: WantedSource, observed: Observed, anew: str) -> _Missing:
    tables, record = wanted.database.tables, _record(wanted, observed)
    if anew or record is None:
        return _Missing({str(one.name): anew for one in tables}, whole=True)
    text, unfinished = record.details.get(HELD, ""), reading_of(record)
    if unfinished is None and not text:
        return _Missing({str(one.name): NEVER for one in tables}, whole=True)
    if unfinished is not None and unfinished.whole:
        return _Missing({str(one.name): INTERRUPTED for one in tables}, whole=True)
    begun = set() if unfinished is None else set(unfinished.forms)
    before = {str(one.name) for one in _deployed(wanted, observed)}
    missing = (str(one.name) for one in tables if not holds(text, (one,)))
    reasons = {name: _reason(name, begun, before) for name in missing}
    waiting = dict.fromkeys(_waiting(wanted, observed, record), WAITING)
    return _Missing(waiting | reasons, whole=False)


def _waiting(wanted: WantedSource, observed: Observed, record: Resource) -> Iterator[str]:
    """Name tables that were read, and of which the engine lost the rows, or saw them change.

    An engine that is not yet where the last reading ended has still to take that in.
    """
    id_ = (wanted.source.domain, wanted.source.name)
    engine, read = observed.engines.get(id_), record.details.get(POSITION)
    if engine is None or engine.reading is not None or not read:
        return
    if engine.position < Lsn.from_header(read.encode()):
        return
    deployed = {str(one.name): form(one) for one in _deployed(wanted, observed)}
    for name, wanted_form in forms_of(wanted.database.tables).items():
        if deployed.get(name) == wanted_form != engine.tables.get(name):
            yield name


def _reason(name: str, begun: set[str], before: set[str]) -> str:
    if name in begun:
        return INTERRUPTED
    return CHANGED if name in before else NEW


def _deployed(wanted: WantedSource, observed: Observed) -> tuple[Table, ...]:
    old = observed.deployments.get(wanted.deployment.key)
    return getattr(old, "tables", ())

"""Which tables of a source have to be read, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streammesh.models.tables import Table
from streammesh.planning.capturing import Capture
from streammesh.planning.desired import WantedSource
from streammesh.planning.findings import Findings, step
from streammesh.planning.observed import Observed
from streammesh.planning.readings import HELD, reading_of
from streammesh.planning.steps.read_tables import ReadTables
from streammesh.planning.tables import holds
from streammesh.platform.stores import Resource

NEW = "new in the source"
CHANGED = "its columns changed"
NEVER = "they were never read"
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
    return _Missing({name: _reason(name, begun, before) for name in missing}, whole=False)


def _reason(name: str, begun: set[str], before: set[str]) -> str:
    if name in begun:
        return INTERRUPTED
    return CHANGED if name in before else NEW


def _deployed(wanted: WantedSource, observed: Observed) -> tuple[Table, ...]:
    old = observed.deployments.get(wanted.deployment.key)
    return getattr(old, "tables", ())

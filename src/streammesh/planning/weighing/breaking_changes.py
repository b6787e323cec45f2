"""The policy `breaking-changes`: what breaks somebody needs a new major version; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from streammesh.contracts.changes.change import Change, contains
from streammesh.contracts.changes.kinds import Kind, Part, Registry
from streammesh.contracts.changes.release import next_version
from streammesh.documents.values import Port
from streammesh.errors import MeshError
from streammesh.errors.planning import (
    BreakingChange,
    BreakingChangeGated,
    CleanupFixed,
    HistoryUnreadable,
    KeyChanged,
    PartitionsFixed,
    SchemaBreaks,
)
from streammesh.planning.diff.schemas import NEW_MAJOR
from streammesh.planning.findings import Findings, Note
from streammesh.planning.showing.consumers import name_of
from streammesh.planning.weighing.changing import ChangedVersion, PlannedChange
from streammesh.planning.weighing.known_changes import Changed

POLICY = "breaking-changes"

_REPLACED = ("field", "setting", "version")
"""Notes of a comparison with what runs; one with what consumers know tells the same, and more."""

_REFUSED = (Registry.REFUSES, Registry.WHERE_REQUIRED)


def judged(findings: Findings, changed: Changed) -> Findings:
    """Give what a plan found, with what the changes mean: everything is told once.

    Args:
        findings: of a comparison with what runs, whose gates know of no consumers.
        changed: versions that change for their consumers, by the owner's key.
    """
    by_topic = {one.topic: one for one in changed.values()}
    problems = (
        told
        for problem in findings.problems
        for told in _told_once(problem, by_topic.get(str(problem.fields.get("topic"))))
    )
    notes = (
        one for one in findings.notes if one.owner.key not in changed or one.kind not in _REPLACED
    )
    versions = (note for one in changed.values() for note in _version(one))
    return Findings(
        findings.steps,
        (*problems, *(_gate(one) for one in changed.values() if one.gated)),
        (*notes, *versions),
    )


def _gate(changed: ChangedVersion) -> BreakingChangeGated:
    gated = changed.gated
    names = dict.fromkeys(name_of(who) for one in gated for who in one.relied_on_by)
    label = changed.port.label
    release = f"`mesh release {label} --major` writes version {changed.port.major + 1} beside it"
    return BreakingChangeGated(
        product=changed.owner.label,
        policy=POLICY,
        whom=_listed(names),
        topic=changed.topic,
        where=gated[0].change.where,
        why="\n".join(map(_told, gated)),
        fix=f"{release}, or take the change back;\n"
        "who no longer relies on it takes it out of the `fields` of its subscription",
    )


def _told(planned: PlannedChange) -> str:
    change = planned.change
    what = change.kind.row.change.partition(":")[0]
    subject = f"{change.path}: " if change.path else ""
    names = _listed(name_of(one) for one in planned.relied_on_by)
    return f"{subject}{what}: {change.why}; relied on by {names}"


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    more = f" and {len(found) - 5:,} more" if found[5:] else ""
    return ", ".join(found[:5]) + more


def _told_once(problem: MeshError, changed: ChangedVersion | None) -> Iterator[MeshError]:
    """Leave out what the policy tells; what it lets pass may still be impossible in one topic."""
    covering = [] if changed is None else [one for one in changed.changes if _covers(one, problem)]
    if any(one.gated for one in covering):
        return
    yield _impossible(problem) if covering and isinstance(problem, BreakingChange) else problem


def _covers(planned: PlannedChange, problem: MeshError) -> bool:
    change = planned.change
    match problem:
        case KeyChanged():
            return change.kind is Kind.KEY
        case PartitionsFixed():
            return change.kind is Kind.PARTITIONS
        case CleanupFixed():
            return change.kind is Kind.CLEANUP
        case SchemaBreaks():
            return change.kind.row.registry in _REFUSED
        case BreakingChange():
            field = str(problem.fields["field"])
            return planned.breaking and any(contains(one, field) for one in _paths(change))
        case _:
            return False


def _paths(change: Change) -> Iterator[str]:
    """Give what a field is called, and was."""
    if change.path:
        yield change.path
    if change.kind in (Kind.FIELD_RENAMED, Kind.FIELD_MOVED):
        yield change.before


def _impossible(problem: BreakingChange) -> HistoryUnreadable:
    why = f"{problem.why}\nEvents written before and after could not be read with one schema."
    fields = {name: problem.fields[name] for name in ("topic", "field", "change")}
    return HistoryUnreadable(where=problem.where, why=why, fix=NEW_MAJOR, **fields)


_STATUS = (Kind.STATUS_READY, Kind.STATUS_LOWERED, Kind.STATUS_RETIRED)
"""How far a version can be relied on: it is the same version all the same."""

_RELEASE = re.compile(r"(\d+)\.(\d+)\.(\d+)\Z")


def _version(changed: ChangedVersion) -> Iterator[Note]:
    """Warn of a version number that says less than what changes."""
    fitting = fitting_version(changed)
    if fitting is None:
        return
    version = changed.port.version
    said = f"still {version}" if version == changed.before else version
    text = f"{said} says less than what changes: `version: {fitting}` here and in its product"
    where = changed.port.contract.places.get("version")
    yield Note(changed.owner, text, "!", where, "version")


def fitting_version(changed: ChangedVersion) -> str | None:
    """Give the least version that says what changes; None where the files' version does.

    A major version stays what it is: the file's name has it, and what breaks somebody is gated.
    """
    changes = [one.change for one in changed.changes if _of_the_version(one.change, changed.port)]
    before, after = _RELEASE.match(changed.before), _RELEASE.match(changed.port.version)
    if not changes or changed.gated or before is None or after is None:
        return None
    fitting = next_version(changed.before, changes)
    if max(one.kind.row.part for one in changes) is Part.MAJOR:
        fitting = f"{before[1]}.{int(before[2]) + 1}.0"
    least = tuple(map(int, fitting.split(".")))
    return None if tuple(map(int, after.groups())) >= least else fitting


def _of_the_version(change: Change, port: Port) -> bool:
    """Tell whether a change is one of contract or model; a domain's owner is no version's."""
    files = (port.contract.path, port.model.path)
    return change.kind not in _STATUS and (change.where is None or change.where.file in files)

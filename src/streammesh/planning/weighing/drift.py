"""What somebody changed behind streammesh's back, in words; pure.

The comparison with what is wanted repairs it, or says why that can't be: here it is only named,
where it is known that no apply did it. A record that is not "intended" says that a thing stood.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from streammesh.planning.claims import acl_resource
from streammesh.planning.diff.schemas import every_schema
from streammesh.planning.findings import Findings, Note
from streammesh.planning.observing.observed import Observed, SubjectState
from streammesh.planning.owner import Owner
from streammesh.planning.steps.base import Step
from streammesh.planning.steps.create_access import CreateAccess, in_words
from streammesh.planning.steps.create_topic import CreateTopic
from streammesh.planning.steps.create_user import CreateUser
from streammesh.planning.steps.put_publication import CreatePublication
from streammesh.planning.steps.register_schema import RegisterSchema
from streammesh.planning.steps.set_compatibility import SetCompatibility
from streammesh.planning.wanting.desired import Desired
from streammesh.platform.kafka import Acl

GONE = "was removed by somebody, not by streammesh"
NOT_OURS = (
    "no event is written with it, but who asks for the latest gets it, and new schemas must agree "
    "with it; delete that version in the registry"
)
GIVEN = "were not given by streammesh, so it leaves them: `kafka-acls --remove` takes them away"


def drift(found: Findings, desired: Desired, observed: Observed, principal: str) -> Findings:
    """Name what was changed by hand.

    Args:
        found: what the comparison gave.
        desired: what the files want.
        observed: what stands.
        principal: as whom Kafka knows who applies, whose rights are nobody's surprise.
    """
    gone = (note for one in found.steps for note in _gone(one, observed))
    above = _registered(desired, observed)
    return Findings(notes=(*gone, *above, *_strangers(desired, observed, principal)))


def _gone(step: Step, observed: Observed) -> Iterator[Note]:
    match step:
        case CreateTopic(spec=spec) if _stood(observed, "topic", spec.name):
            yield _note(step, "topic", spec.name, f"{GONE}; it is made again, empty")
        case CreateUser(principal=name) if _stood(observed, "user", name):
            yield _note(step, "user", name, f"{GONE}; it gets its password again")
        case CreateAccess(principal=name, acls=acls):
            taken = tuple(one for one in acls if _given(one, step.owner, observed))
            if taken:
                text = f"rights were taken away by somebody: {in_words(taken)}"
                yield _note(step, "access", name, text)
        case CreatePublication(wanted=wanted) if _stood(observed, "publication", wanted.name):
            if wanted.name not in _publications(observed):
                yield _note(step, "publication", wanted.name, GONE)
        case RegisterSchema(subject_name=name, first=True) if _stood(observed, "subject", name):
            yield _note(step, "subject", name, f"{GONE}; it gets its schema again, with its id")
        case SetCompatibility(subject_name=name):
            yield _note(step, "subject", name, "its compatibility was changed by somebody")
        case _:
            pass


def _note(step: Step, kind: str, name: str, text: str) -> Note:
    return Note(step.owner, text, "!", kind=kind, subject=name)


def _registered(desired: Desired, observed: Observed) -> Iterator[Note]:
    """Name versions of schemas that somebody registered on top of ours.

    The newest is ours if it is the wanted one, or the one that was registered last: that is newer
    than the wanted one where files went back.
    """
    for one in every_schema(desired):
        latest = observed.subjects.get(one.subject, SubjectState()).latest
        if latest is not None and str(latest.id) not in _ours(one.subject, observed):
            text = f"version {latest.version} was registered by somebody: {NOT_OURS}"
            yield Note(one.owner, text, "!", kind="subject", subject=one.subject)


def _ours(subject: str, observed: Observed) -> frozenset[str]:
    """Give the ids of schemas that are known to be ours."""
    registered, record = observed.subjects[subject].registered, observed.record("subject", subject)
    ids = {record.details["id"]} if record is not None and "id" in record.details else set()
    return frozenset(ids if registered is None else {*ids, str(registered.id)})


def _stood(observed: Observed, kind: str, name: str) -> bool:
    record = observed.record(kind, name)
    return record is not None and not record.intended


def _given(acl: Acl, owner: Owner, observed: Observed) -> bool:
    record = observed.resources.get(acl_resource(acl, owner).key)
    return record is not None and not record.intended


def _publications(observed: Observed) -> frozenset[str]:
    found = (one.publication for one in observed.databases.values())
    return frozenset(one.name for one in found if one is not None)


def _strangers(desired: Desired, observed: Observed, principal: str) -> Iterator[Note]:
    """Name rights on our topics that streammesh gave nobody.

    Rights on everything (`*`) are an administrator's, and not told: no topic is called so.
    """
    ours = {one.spec.name: one.owner for one in desired.topics}
    wanted = {one.acl for one in desired.acls}
    found: dict[tuple[Owner, str], list[Acl]] = {}
    foreign = [
        (acl, owners)
        for acl in observed.acls
        if acl.resource_type == "topic"
        and acl.principal != principal
        and (owners := _touched(acl, ours))
        and acl not in wanted
    ]
    for acl, owners in sorted(foreign):
        if not _recorded(acl, observed):
            for owner in owners:
                found.setdefault((owner, acl.principal), []).append(acl)
    for (owner, stranger), acls in found.items():
        text = f"rights that {GIVEN}: {_rights(acls)}"
        yield Note(owner, text, "!", kind="access", subject=stranger)


def _touched(acl: Acl, ours: Mapping[str, Owner]) -> tuple[Owner, ...]:
    if acl.pattern != "prefixed":
        return (ours[acl.name],) if acl.name in ours else ()
    if acl.name in ("", "*"):
        return ()
    touched = (owner for name, owner in ours.items() if name.startswith(acl.name))
    return tuple(dict.fromkeys(touched))


def _recorded(acl: Acl, observed: Observed) -> bool:
    """Tell whether some apply gave a right, for whomever; the record's name is the right's own."""
    anybody = Owner("", "", "")
    return acl_resource(acl, anybody).key in observed.resources


def _rights(acls: Iterable[Acl]) -> str:
    listed = tuple(acls)
    denied = tuple(one for one in listed if one.permission == "deny")
    allowed = tuple(one for one in listed if one.permission != "deny")
    words = [in_words(allowed)] if allowed else []
    words += [f"denied: {in_words(denied)}"] if denied else []
    return "; ".join(words)

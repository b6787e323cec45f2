"""What becomes of each request and grant by what the files and contracts say today; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from streammesh.catalog.access import REFUSED, AccessChange, AccessRecord, Key, State
from streammesh.delivery.access_rule import Asked, Rule, decide, ungranted
from streammesh.documents.values import Subscription
from streammesh.planning.access.offered import RETIRED, Offered, Offers, version_of
from streammesh.planning.access.refusals import same_reader


@dataclass(frozen=True)
class Judged:
    """A request or grant, and what becomes of it.

    Attributes:
        record: as it shall be.
        before: as it is; None when there is none.
        because: why, in words.
    """

    record: AccessRecord
    before: AccessRecord | None
    because: str

    @property
    def change(self) -> AccessChange | None:
        """What the catalog has to be told; None for nothing."""
        if self.before == self.record:
            return None
        return AccessChange(self.record, self.before)

    @property
    def in_force(self) -> bool:
        """Whether Kafka shall let it read."""
        return self.record.state is State.GRANTED

    @property
    def ends(self) -> bool:
        """Whether who could read until now has to be cut before anything else is done.

        What the files alone no longer ask for is tidied up later; but the rights of an existing
        principal may be recorded as another domain's, which nobody else would tidy up.
        """
        if self.before is None or self.before.state is not State.GRANTED:
            return False
        if self.in_force:  # maybe as somebody else
            return self.before.principal not in ("", self.record.principal)
        return self.record.state is not State.WITHDRAWN or bool(self.before.principal)


@dataclass(frozen=True)
class Judge:
    """What a judgement is made by.

    Attributes:
        offers: the versions, by asset.
        refused: what was refused last: (domain, version), (existing principal, version) and
            (domain, subscription, version).
        today: the day, UTC.
        rule: whether access is granted at once.
    """

    offers: Offers
    refused: Collection[tuple[str, str] | Key]
    today: date
    rule: Rule = decide

    def asked(self, record: AccessRecord, offered: Offered) -> Asked:
        """Say what a decision is made about."""
        mine = (record.domain, record.asset), (record.principal, record.asset), record.key
        refused = any(one in self.refused for one in mine)
        owner, known = offered.name.domain, offered.classifications
        return Asked(record.domain, owner, record.asset, known, refused)

    def left(self, record: AccessRecord, offered: Offered) -> tuple[str, ...]:
        """Give the restricted fields that a record lacks."""
        return ungranted(self.asked(record, offered), record.fields)

    def subscription(
        self, one: Subscription, offered: Offered, before: AccessRecord | None
    ) -> Judged:
        """Judge a subscription of the files.

        Args:
            one: as written.
            offered: the version that it names.
            before: what the catalog knows of it.
        """
        if before is not None and before.state in REFUSED:
            return Judged(before, before, _said(before))
        same = before is not None and same_reader(one, before)
        if before is not None and same and before.state is State.GRANTED:
            return self.grant(before)
        if offered.status == RETIRED and before is not None:
            return self._over(before, f"{before.asset} is retired")
        fresh = requested(one, before)
        asked = self.asked(fresh, offered)
        decision = self.rule(asked)
        left = ungranted(asked, ())
        if decision.at_once and not left:
            granted = replace(fresh, state=State.GRANTED, reason=decision.because)
            return Judged(granted, before, decision.because)
        because = f"restricted: {', '.join(left)}" if left else decision.because
        if before is not None and same and before.state is State.REQUESTED:
            return Judged(before, before, because)
        return Judged(fresh, before, because)

    def grant(self, before: AccessRecord) -> Judged:
        """Judge a grant: whether it still holds."""
        offered = self.offers.get(before.asset)
        if offered is None or offered.status == RETIRED:
            word = "no longer offered" if offered is None else "retired"
            return self._over(before, f"{before.asset} is {word}")
        if expired(before, self.today):
            because = f"it was granted until {before.expires}"
            return Judged(_decided(before, State.EXPIRED, because), before, because)
        left = self.left(before, offered)
        if left:
            because = f"restricted, and not granted by name: {', '.join(left)}"
            return Judged(_decided(before, State.REQUESTED, ""), before, because)
        return Judged(before, before, "")

    def request(self, before: AccessRecord) -> Judged:
        """Judge a request that another domain's files made."""
        offered = self.offers.get(before.asset)
        if offered is None or offered.status == RETIRED:
            word = "no longer offered" if offered is None else "retired"
            return self._over(before, f"{before.asset} is {word}")
        decision = self.rule(self.asked(before, offered))
        return Judged(before, before, decision.because)

    def _over(self, before: AccessRecord, because: str) -> Judged:
        """End what is about a version that is gone."""
        state = State.REVOKED if before.state is State.GRANTED else State.DENIED
        return Judged(_decided(before, state, because), before, because)


def withdrawn(before: AccessRecord) -> Judged:
    """Judge a request or grant that the files no longer ask for."""
    because = "the files no longer ask for it"
    return Judged(_decided(before, State.WITHDRAWN, because), before, because)


def expired(record: AccessRecord, today: date) -> bool:
    """Tell whether a grant's last day is over."""
    return bool(record.expires) and record.expires < today.isoformat()


def by_key(records: Collection[AccessRecord]) -> Mapping[Key, AccessRecord]:
    """Give records by what they are known by."""
    return {one.key: one for one in records}


def key_of(one: Subscription) -> Key:
    """Give the key of a subscription's access."""
    return one.domain, one.name, str(version_of(one))


def requested(one: Subscription, before: AccessRecord | None) -> AccessRecord:
    """Give the request that a subscription makes."""
    fresh = AccessRecord(
        domain=one.domain,
        subscription=one.name,
        asset=str(version_of(one)),
        owner=version_of(one).domain,
        consumer=one.consumer,
        principal=one.principal or "",
        state=State.REQUESTED,
        purpose=one.purpose,
    )
    if before is None:
        return fresh
    return replace(fresh, asked_by=before.asked_by, asked_at=before.asked_at)


def _decided(before: AccessRecord, state: State, because: str) -> AccessRecord:
    return replace(before, state=state, reason=because)


def _said(record: AccessRecord) -> str:
    who = f" by {record.decided_by}" if record.decided_by else ""
    reason = f": {record.reason}" if record.reason else ""
    return f"{record.state.value}{who} on {record.decided_at[:10]}{reason}"

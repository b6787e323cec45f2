"""Quotas of consumers: set where there is none, and set again where somebody changed ours."""

from __future__ import annotations

from streammesh.planning.findings import Findings, Note, added, step
from streammesh.planning.observing.observed import Observed
from streammesh.planning.steps.confirm import Confirm
from streammesh.planning.steps.put_quota import PutQuota, rate_in_words
from streammesh.planning.wanting.desired import Desired
from streammesh.planning.wanting.wanted import WantedQuota


def diff(desired: Desired, observed: Observed) -> Findings:
    """Compare the quotas; one that stands without being ours is as good, and stays not ours."""
    return added(_quota(one, observed) for one in desired.quotas)


def _quota(wanted: WantedQuota, observed: Observed) -> Findings:
    record = observed.record("quota", wanted.principal)
    stands = observed.quotas.get(wanted.principal)
    if record is None and stands is not None:
        words = f"{wanted.principal} keeps the quota that somebody gave it: {rate_in_words(stands)}"
        return Findings(notes=(Note(wanted.owner, words, standing=True),))
    if stands != wanted.rate:
        return step(PutQuota(wanted.owner, wanted.principal, wanted.rate, stands))
    if record is not None and record.intended:
        return step(Confirm(wanted.owner, (record,)))
    return Findings()

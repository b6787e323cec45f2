"""Which last day a version gets where nobody says one: the first that the policies in force take.

A policy is any SQL, so that its window can't be read out of it: days are tried.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import msgspec

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.records import Registration, VersionRecord
from streammesh.catalog.registering import asset_of, registration
from streammesh.documents.ending import END_OF_LIFE, is_end
from streammesh.documents.names import Names
from streammesh.documents.policy import Policy
from streammesh.documents.values import Port, Workspace
from streammesh.planning.lifecycle.windows import Windows
from streammesh.policies.checking import in_force
from streammesh.policies.judging import judge
from streammesh.policies.state import MeshState

LONGEST = 104
"""So many weeks are tried; a policy that wants more says so at the plan."""


def proposed_weeks(
    workspace: Workspace, names: Names, catalog: Catalog, port: Port, today: date
) -> int:
    """Give after how many weeks a version ends that is deprecated today, if nobody says a day.

    These are the fewest with which no policy about its day is violated; the default where none is
    about it, and where one takes no day at all.

    Args:
        workspace: the files.
        names: of the environment.
        catalog: knows who uses the version, and the policies of the mesh.
        port: the version.
        today: the day.

    Raises:
        MeshError: the catalog can't be read.
    """
    told = registration(workspace, names, {}, {})
    beside = partial(catalog.beside, told=told)
    trial = _Trial(MeshState(told, beside, today.isoformat()), asset_of(port), today)
    policies, _ = in_force(workspace, catalog)
    early = trial.against(policies, 0)
    windows = [one for one in early if one not in trial.against(early, LONGEST)]
    if not windows:
        return Windows().weeks
    return bisect_left(range(LONGEST), True, key=lambda weeks: not trial.against(windows, weeks))


class _Trial:
    """Tries last days of one version."""

    def __init__(self, state: MeshState, asset: str, today: date) -> None:
        self._state, self._asset, self._today = state, asset, today

    def against(self, policies: Sequence[Policy], weeks: int) -> list[Policy]:
        """Give the policies that the version violates if it ends after so many weeks."""
        until = self._today + timedelta(weeks=weeks)
        told = _ending(self._state.told, self._asset, until)
        # what was read of the catalog is read once for all days
        judged = judge(policies, replace(self._state, told=told), _domain(self._asset))
        found = {one.policy.label for one in judged.violations if one.subject == self._asset}
        return [one for one in policies if one.label in found]


def _domain(asset: str) -> Collection[str]:
    return {asset.partition(".")[0]}


def _ending(told: Registration, asset: str, until: date) -> Registration:
    versions = (_deprecated(one, until) if one.asset == asset else one for one in told.versions)
    return replace(told, versions=tuple(versions))


def _deprecated(one: VersionRecord, until: date) -> VersionRecord:
    said = msgspec.json.decode(one.contract)
    levels = [each for each in said.get("slaProperties") or () if not is_end(each)]
    levels.append({"property": END_OF_LIFE, "value": until.isoformat()})
    said |= {"status": "deprecated", "slaProperties": levels}
    return replace(one, status="deprecated", contract=msgspec.json.encode(said).decode())

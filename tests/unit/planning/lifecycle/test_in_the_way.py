"""What stands in the way of a version's end beside its consumers: the day, and what nobody saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from streammesh.catalog.access import State
from streammesh.catalog.access_schema import access
from streammesh.catalog.notice_book import NoticeBook
from streammesh.errors.lifecycle import NotYet
from streammesh.planning import stages
from streammesh.planning.lifecycle.deprecate import retire
from streammesh.planning.lifecycle.gate import who_is_left
from streammesh.planning.observing import observe
from streammesh.planning.observing.use import COMMAND_SECONDS, PLAN_SECONDS
from streammesh.platform.memory.groups import MemoryGroups
from tests.unit.planning.lifecycle.ending import V1, forced, move, over, told, two
from tests.unit.planning.lifecycle.test_release import CONTRACT

__all__ = ["over", "told", "two"]


def test_a_version_is_not_retired_before_the_day_that_was_announced(told, monkeypatch):
    until = told.today + timedelta(weeks=8)
    move(told)
    told.apply()
    told.write(retire(told.workspace, told.port(V1)))
    [problem] = told.plan().problems
    assert isinstance(problem, NotYet)
    assert problem.what == f"{V1} can't be retired yet: its last day is not past"
    assert f"until {until}   is promised, also to those whom nobody knows" in problem.why
    assert f"wait until {until} is past" in problem.fix
    monkeypatch.setattr(stages, "today", lambda: until)
    assert isinstance(told.plan().problems[0], NotYet)
    monkeypatch.setattr(stages, "today", lambda: until + timedelta(days=1))
    assert told.plan().problems == ()


def test_a_file_that_has_lost_its_day_takes_the_promise_back_no_more_than_a_later_one(told):
    until = told.today + timedelta(weeks=8)
    move(told)
    told.apply()
    told.write(retire(told.workspace, told.port(V1)))
    told.edit(CONTRACT, str(until), "2020-01-01")
    assert f"until {until}" in told.plan().problems[0].why
    told.edit(CONTRACT, "2020-01-01", "2099-01-01")
    assert "until 2099-01-01" in told.plan().problems[0].why


def test_force_goes_before_the_day_that_it_was_asked_for_and_no_other(told):
    until = told.today + timedelta(weeks=8)
    move(told)
    told.apply()
    told.write(retire(told.workspace, told.port(V1)))
    book = NoticeBook(told.catalog)
    book.force(forced(told, "until 2026-01-01"))
    assert isinstance(told.plan().problems[0], NotYet)
    book.force(forced(told, f"until {until}"))
    told.apply()
    assert V1 not in told.platform.kafka.topics()


def test_groups_that_can_not_be_read_may_be_those_that_read_it(over):
    move(over)
    over.apply()
    over.write(retire(over.workspace, over.port(V1)))
    groups = MemoryGroups(over.platform.kafka)
    over.platform = replace(over.platform, groups=groups)
    assert over.plan().problems == ()
    groups.commit("reports", V1, {0: 0})
    groups.refused["reports"] = "not authorized"
    (problem,) = over.plan().problems
    assert isinstance(problem, NotYet)
    assert "groups that could not be read: `reports` (not authorized)" in problem.why
    groups.forget("reports")
    groups.refused.clear()
    groups.unlisted = "broker 2 is down"
    (problem,) = over.plan().problems
    assert "could not be listed: broker 2 is down" in problem.why
    NoticeBook(over.catalog).force(forced(over, "whoever never said so"))
    assert over.plan().problems == ()


@pytest.mark.parametrize(
    ("state", "blocks"),
    [
        (State.DENIED, False),
        (State.REVOKED, False),
        (State.REQUESTED, True),
        (State.GRANTED, True),
        (State.EXPIRED, True),
    ],
)
def test_a_subscription_that_was_refused_is_nobodys_use(over, state, blocks):
    move(over)
    over.subscribe("finance", "revenue", "order_id")
    over.apply()
    [held] = [one for one in over.catalog.access() if one.domain == "finance" and one.asset == V1]
    with over.catalog.writing() as connection:
        mine = access.c.domain == "finance"
        connection.execute(update(access).where(mine).values(state=state.value))
    here = who_is_left([V1], over.workspace, over.catalog, stages.today())[V1]
    assert [one.name for one in here] == (["finance/revenue"] if blocks else [])
    assert held.subscription == "revenue"


def test_a_plan_that_ends_a_version_takes_its_time_to_look(over, monkeypatch):
    waits = []
    looked = observe.look
    monkeypatch.setattr(observe, "look", lambda *how: waits.append(how[-1]) or looked(*how))
    move(over)
    over.apply()
    over.write(retire(over.workspace, over.port(V1)))
    over.plan()
    over.apply()
    over.plan()
    assert waits == [PLAN_SECONDS, COMMAND_SECONDS, COMMAND_SECONDS, PLAN_SECONDS]

"""Who is in the way of a version that is to be retired."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from streammesh.catalog.consumers import Consumer
from streammesh.catalog.notices import Recipient, Told
from streammesh.catalog.observing import ObservedGroup
from streammesh.planning.lifecycle.gate import refusal
from streammesh.planning.lifecycle.left import left, table
from streammesh.planning.lifecycle.windows import Windows
from tests.unit.notices.test_due import MADE, UNTIL, notice

ASSET, WHO = "sales.orders.v1", "finance/revenue"


def consumer(name: str = WHO, seen_days_ago: int | None = None, today: date = MADE) -> Consumer:
    said = ("revenue", "User:rev", "accounts", {"email": "f@example.com"}, ())
    seen = (
        "" if seen_days_ago is None else f"{today - timedelta(days=seen_days_ago)}T10:00:00+00:00"
    )
    return Consumer(ASSET, name, *said, seen)


def told(answer: str = "", reason: str = "") -> Told:
    one = Recipient(notice().notice, WHO, "finance", "revenue", {}, (), answer, reason)
    return Told(notice(), (one,))


def why(one: Consumer, gone=(), of: Told | None = None, today: date = MADE) -> list[str]:
    return [each.why for each in left([one], gone, of, today, Windows())]


def test_nobody_is_in_the_way_where_nobody_is():
    assert left([], (), None, MADE, Windows()) == ()


@pytest.mark.parametrize("today", [MADE, UNTIL + timedelta(days=30)])
@pytest.mark.parametrize(
    ("of", "said"),
    [
        (None, "was never told"),
        (told(), "has not answered"),
        (told("acknowledged"), "has acknowledged"),
        (told("objected", "not in March"), "objects: not in March"),
    ],
)
def test_who_subscribes_is_in_the_way_on_any_day_and_whatever_it_answered(today, of, said):
    assert why(consumer(), of=of, today=today) == [f"subscribes to it; {said}"]


def test_who_has_moved_is_not_unless_it_was_seen_lately():
    assert why(consumer(), [WHO], told()) == []
    assert why(consumer(seen_days_ago=8), [WHO], told()) == []
    assert why(consumer(seen_days_ago=7), [WHO], told()) == [
        f"read it on {MADE - timedelta(days=7)}"
    ]


def test_who_never_said_so_is_in_the_way_until_the_day_is_past():
    silent = consumer(name="", seen_days_ago=20)
    assert why(silent, of=told()) == [f"nobody declared it, read it on {MADE - timedelta(days=20)}"]
    until = MADE + timedelta(days=10)
    soon = replace(told(), notice=replace(notice(), until=until.isoformat()))
    assert why(silent, of=soon, today=until) != []
    assert why(silent, of=soon, today=until + timedelta(days=1)) == []
    assert why(silent) != []  # nobody was ever told
    lately = replace(silent, last_seen=f"{UNTIL}T10:00:00+00:00")
    assert why(lately, of=told(), today=UNTIL + timedelta(days=1)) == [f"read it on {UNTIL}"]


@pytest.mark.parametrize(
    ("seen_days_ago", "standing", "in_the_way"),
    [(7, False, True), (8, False, False), (8, True, True), (30, True, True), (31, True, False)],
)
def test_a_group_that_is_gone_or_empty_for_long_is_in_nobodys_way(
    seen_days_ago, standing, in_the_way
):
    one = consumer(name="", seen_days_ago=seen_days_ago)
    group = ObservedGroup(
        "g", "", (), (), 0, None, False, standing, one.last_seen, one.last_seen
    )  # fmt: skip
    assert bool(why(replace(one, groups=(group,)))) is in_the_way


def test_each_is_named_with_how_to_reach_it():
    [one] = left([consumer()], (), told(), MADE, Windows())
    assert str(one) == "finance/revenue   subscribes to it; has not answered   f@example.com"
    [one] = left([consumer(name="")], (), None, MADE, Windows())
    assert one.name == "revenue"


def group(members: int) -> ObservedGroup:
    seen = f"{MADE}T10:00:00+00:00"
    return ObservedGroup("mesh.g", "", (), (), members, 0, False, True, seen, seen)


@pytest.mark.parametrize(
    ("ended", "members", "said"),
    [
        ("10:00:01", 0, []),
        ("09:51:00", 0, []),  # a look comes after the end
        ("09:49:00", 0, [f"read it on {MADE}"]),
        ("10:00:01", 1, ["has no access any more, but is connected"]),
    ],
)
def test_who_had_access_is_in_the_way_only_if_it_was_seen_after_it_ended(ended, members, said):
    moment = f"{MADE}T{ended}+00:00"
    past = replace(consumer(name="", seen_days_ago=0), former=WHO, ended=moment)
    assert why(replace(past, groups=(group(members),)), of=told()) == said


def test_who_has_moved_is_reached_as_it_was_told():
    [to] = told().recipients
    knows = replace(told(), recipients=(replace(to, contact={"email": "f@example.com"}),))
    past = replace(consumer(name=""), contact={}, former=WHO, ended=f"{MADE}T10:00:00+00:00")
    [one] = left([replace(past, groups=(group(1),))], (), knows, MADE, Windows())
    assert (one.name, one.contact, one.moved) == (WHO, "f@example.com", True)
    fix = refusal(ASSET, [one]).fix or ""
    assert fix.startswith("have it stopped, or started anew with another topic, then try again;\n")
    assert "ask them to move" not in fix


def test_those_who_are_left_stand_in_columns():
    some = left([consumer(), consumer("web/site", 0)], (), told(), MADE, Windows())
    assert list(table(some)) == [
        "finance/revenue   subscribes to it; has not answered                        f@example.com",
        f"web/site          subscribes to it; was never told; read it on {MADE}   f@example.com",
    ]

"""Who is told when."""

from datetime import date, timedelta

import pytest

from streammesh.catalog.notices import FIRST, Delivery, Notice, Recipient, Told
from streammesh.notices.due import due, pending

UNTIL = date(2027, 3, 1)
MADE = UNTIL - timedelta(weeks=8)


@pytest.mark.parametrize(
    ("days_left", "expected"),
    [
        (56, None),
        (29, None),
        (28, "4 weeks before"),
        (8, "4 weeks before"),
        (7, "1 week before"),
        (2, "1 week before"),
        (1, "1 day before"),
        (0, "1 day before"),
        (-1, None),
    ],
)
def test_reminders_come_four_weeks_a_week_and_a_day_before(days_left, expected):
    assert due(MADE, UNTIL, UNTIL - timedelta(days=days_left)) == expected


@pytest.mark.parametrize(
    ("made_before", "days_left", "expected"),
    [(28, 20, None), (20, 20, None), (20, 7, "1 week before"), (1, 1, None), (1, 0, None)],
)
def test_a_notice_made_late_takes_the_place_of_reminders(made_before, days_left, expected):
    made = UNTIL - timedelta(days=made_before)
    assert due(made, UNTIL, UNTIL - timedelta(days=days_left)) == expected


def test_without_a_day_nobody_is_reminded():
    assert due(MADE, None, UNTIL) is None


def notice(until: str = "2027-03-01") -> Notice:
    made = f"{MADE}T00:00:00.000000+00:00"
    said = ("", "sales.orders.v2", "", {"team": "Sales"})
    asset = "sales.orders.v1"
    return Notice(f"{asset}:deprecated:{until}", asset, "sales", "deprecated", until, *said, made)


def told(*deliveries: Delivery, until: str = "2027-03-01") -> Told:
    one = notice(until)
    people = tuple(
        Recipient(one.notice, name, name.partition("/")[0], "app", {"email": "a@b.c"}, ())
        for name in ("finance/revenue", "marketing/campaigns")
    )
    return Told(one, people, deliveries)


def left(one: Told, today: date, using=("finance/revenue", "marketing/campaigns")):
    ways = ("event", "email")
    found = pending(one, using, lambda _: ways, today)
    return [(each.consumer, each.occasion, each.channel) for _, each in found]


def test_everybody_is_told_by_every_way():
    assert left(told(), MADE) == [
        (who, FIRST, way)
        for who in ("finance/revenue", "marketing/campaigns")
        for way in ("event", "email")
    ]


def test_what_is_delivered_is_done_and_what_failed_is_not():
    one = told()
    key = (one.notice.notice, "finance/revenue", FIRST)
    done = Delivery(*key, "event", 1, "2027", "", "2027")
    failed = Delivery(*key, "email", 1, "2027", "refused", "")
    assert left(told(done, failed), MADE, ["finance/revenue"]) == [
        ("finance/revenue", FIRST, "email")
    ]


def test_reminders_go_to_people_and_the_topic_keeps_the_notice():
    found = left(told(), UNTIL - timedelta(days=7), ["finance/revenue"])
    assert ("finance/revenue", "1 week before", "email") in found
    assert ("finance/revenue", "1 week before", "event") not in found


def test_who_has_moved_is_left_in_peace_and_so_are_all_after_the_day():
    assert left(told(), MADE, []) == []
    assert left(told(), UNTIL + timedelta(days=1)) == []
    assert len(left(told(until=""), UNTIL + timedelta(days=1))) == 4

"""What people and programs are told."""

from streammesh.catalog.notices import FIRST, Recipient
from streammesh.notices.message import message
from tests.unit.notices.test_due import notice

WHO = Recipient("n", "finance/revenue", "finance", "revenue", {"email": "f@example.com"}, ("id",))


def test_a_consumer_reads_when_why_instead_and_how_to_answer():
    said = message(notice(), WHO, FIRST)
    assert said.subject == "sales.orders.v1 ends on 2027-03-01"
    for text in (
        "finance/revenue reads sales.orders.v1 and relies on id.",
        "Instead:  sales.orders.v2",
        "Ask:      Sales",
        "mesh ack sales.orders.v1:deprecated:2027-03-01 --as finance/revenue",
    ):
        assert text in said.body


def test_a_reminder_says_so():
    assert message(notice(), WHO, "1 week before").subject == (
        "Reminder, 1 week before: sales.orders.v1 ends on 2027-03-01"
    )
    assert "not set yet" in message(notice(""), WHO, FIRST).subject

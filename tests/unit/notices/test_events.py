"""Notices as events: Avro, as the events of all products are."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pytest

from streammesh.catalog.notices import Recipient
from streammesh.delivery.json_lines import JsonLines
from streammesh.errors.lifecycle import NoticeUnwritable
from streammesh.errors.platform import Missing
from streammesh.platform.decoding import Decoder
from streammesh.platform.memory.registry import MemoryRegistry
from tests.unit.notices.registered import events, read, registered
from tests.unit.notices.test_due import notice

WHO = Recipient("n", "finance/revenue", "finance", "revenue", {"email": "f@example.com"}, ("id",))


@dataclass
class Record:
    """What confluent-kafka gives of a record, as far as it is shown."""

    written_key: bytes | None
    written: bytes | None

    def key(self) -> bytes | None:
        return self.written_key

    def value(self) -> bytes | None:
        return self.written

    def headers(self) -> None:
        return None

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return 7

    def timestamp(self) -> tuple[int, int]:
        return 1, 0


def test_an_event_has_all_but_the_contact():
    registry = registered()
    key, value = events(registry).of(notice(), WHO)
    [(named, said)] = read(registry, {key: value})
    assert named == {
        "notice": "sales.orders.v1:deprecated:2027-03-01",
        "consumer": "finance/revenue",
    }
    assert said == named | {
        "kind": "deprecated",
        "asset": "sales.orders.v1",
        "domain": "sales",
        "until": "2027-03-01",
        "because": None,
        "instead": "sales.orders.v2",
        "notes": None,
        "owner": {"team": "Sales", "email": None, "chat": None},
        "fields": ["id"],
        "made_at": "2027-01-04T00:00:00.000000Z",
        "made_by": None,
    }
    assert b"f@example.com" not in value


def test_its_form_on_the_wire_is_that_of_all_products():
    registry = MemoryRegistry()
    registry.register("another", '"string"')
    for part in ("key", "value"):
        subject = f"mesh.notices.v1-{part}"
        registry.register(subject, registered().latest(subject).schema)
    made = events(registry)
    key, value = made.of(notice(), WHO)
    for part, data in (("key", key), ("value", value)):
        assert data[0] == 0
        assert int.from_bytes(data[1:5]) == registry.latest(f"mesh.notices.v1-{part}").id
    assert made.of(notice(), replace(WHO, fields=()))[0] == key


def test_without_its_schemas_nothing_is_written():
    with pytest.raises(Missing) as caught:
        events(MemoryRegistry()).of(notice(), WHO)
    assert "mesh.notices.v1-key" in caught.value.what
    assert caught.value.fix == "mesh apply"


def test_notes_that_no_event_can_hold_are_told():
    with pytest.raises(NoticeUnwritable, match=r"can't be written.*bytes, 8,000,000 are allowed"):
        events().of(replace(notice(), notes="x" * 8_000_001), WHO)


def test_what_others_have_written_there_hides_nothing_and_ends_in_no_traceback():
    registry = registered()
    key, value = events(registry).of(notice(), WHO)
    lines = JsonLines(Decoder(registry.schema))
    old = json.dumps({"format": 1, "consumer": "web/site"}).encode()
    records = [Record(b"a/web/site", old), Record(None, b""), Record(key, value[:9])]
    shown = lines.lines([*records, Record(key, value), Record(key, None)]).splitlines()
    found = [json.loads(one) for one in shown]
    assert lines.unreadable == 3
    assert ["error" in one for one in found] == [True, True, True, False, False]
    assert found[3]["value"]["consumer"] == "finance/revenue"

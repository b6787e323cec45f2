"""What a contract says of its own end."""

from datetime import date

import pytest

from streammesh.documents.ending import Ending, ending
from tests.unit.models.versions import version


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2027-01-18", date(2027, 1, 18)),
        ("2027-01-18T09:30:10-08:00", date(2027, 1, 18)),
        ("soon", None),
        (8, None),
    ],
)
def test_the_day_is_the_standards_end_of_life(value, day):
    assert ending({"slaProperties": [{"property": "endOfLife", "value": value}]}).until == day


def test_a_contract_that_says_nothing_has_no_end():
    assert ending({}) == Ending(None)


def test_why_and_instead_stand_in_stream_and_are_no_setting_of_the_topic():
    read = version(stream="{ partitions: 8, replaced_by: sales.orders.v2, because: It ends. }")
    assert ending(read.contract.document) == Ending(None, "It ends.", "sales.orders.v2")
    assert read.contract.stream.partitions == 8
    assert read.contract.stream == version(stream="{ partitions: 8 }").contract.stream

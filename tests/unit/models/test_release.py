"""The next version, and what to tell consumers."""

import pytest

from streammesh.contracts.changes.release import next_version, release_notes
from streammesh.models.changes import changes
from tests.unit.models.versions import SQL, version

BREAKING = changes(version(), version(stream="{ partitions: 8 }"))
WITH_CARE = changes(version(), version(stream="{ max_bytes: 8 }"))
ADDING = changes(version(""), version("{ name: a, logicalType: date }"))
TELLING = changes(version(), version(schema="description: Orders."))


@pytest.mark.parametrize(
    ("version_", "found", "expected"),
    [
        ("1.4.2", (), "1.4.2"),
        ("1.4.2", TELLING, "1.4.3"),
        ("1.4.2", ADDING, "1.5.0"),
        ("1.4.2", WITH_CARE, "1.5.0"),
        ("1.4.2", (*TELLING, *BREAKING, *ADDING), "2.0.0"),
        ("9.10.11", (*TELLING, *ADDING), "9.11.0"),
        ("2.0.0-rc.1", BREAKING, "2.0.0"),
        ("2.0.0-rc.1", TELLING, "2.0.0"),
        ("2.1.0-rc.1", BREAKING, "3.0.0"),
        ("2.1.3-rc.1", ADDING, "2.2.0"),
    ],
)
def test_the_next_version(version_, found, expected):
    assert next_version(version_, found) == expected


@pytest.mark.parametrize("text", ["", "v1", "1.2", "1.2.3.4"])
def test_what_is_no_version(text):
    with pytest.raises(ValueError, match="no semantic version"):
        next_version(text, ADDING)


def test_release_notes_begin_with_what_breaks():
    new = version(
        "{ name: amount, logicalType: number, physicalType: real }",
        stream="{ partitions: 8 }",
        top="slaProperties: [ { property: latency, value: 5, unit: s } ]",
        sql=SQL.replace("total > 0", "total > 1"),
    )
    old = version("{ name: amount, logicalType: number, physicalType: real, description: Total. }")
    assert release_notes("sales.orders", "2.0.0", changes(old, new)) == (
        "## sales.orders 2.0.0\n"
        "\n"
        "### Breaking\n"
        "\n"
        "- Filter of the model (o.total \\> 0 → o.total \\> 1)."
        " Other documents are in the product: some may come, some be deleted.\n"
        "- Partition count (4 → 8)."
        " A key's later events come in another partition than its earlier ones.\n"
        "\n"
        "### Compatible\n"
        "\n"
        "- `amount`: description (was Total.). Values are what they were.\n"
        "- SLA tightened or added (now latency 5 s). More is promised.\n"
    )


def test_release_notes_of_nothing():
    assert "Nothing changes" in release_notes("sales.orders", "1.0.0", ())


def test_what_people_wrote_is_no_markdown():
    before = "{ name: a, logicalType: date, description: One. }"
    after = '{ name: a, logicalType: date, description: "# <b>`x`</b>\\n\\n- [y](z) | *" }'
    notes = release_notes("sales.orders", "1.0.1", changes(version(before), version(after)))
    [line] = [one for one in notes.splitlines() if one.startswith("- ")]
    assert r"One. → \# \<b\>'x'\</b\> - \[y\](z) \| \*" in line

"""Dates and times in state form, also those that no document can show."""

from __future__ import annotations

from typing import Any

import pytest

from streammesh.models.time_functions import TIME_FUNCTIONS


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("mesh_trunc", ("2026-05-17T10:11:12.345678Z", "quarter"), "2026-04-01T00:00:00.000000Z"),
        ("mesh_trunc", ("2026-05-17T10:11:12.345678", "second"), "2026-05-17T10:11:12.000000"),
        ("mesh_trunc", ("0001-01-03", "week"), "0001-01-01"),
        ("mesh_trunc", ("infinity", "year"), None),
        ("mesh_trunc", ("A0010000-01-01", "year"), None),
        ("mesh_trunc", (".9999956-03-15", "year"), None),
        ("mesh_trunc", ("1582-10-16?", "year"), 1e300),
        ("mesh_part", ("2026-01-01", "isoyear"), 2026),
        ("mesh_part", ("2027-01-01", "isoyear"), 2026),
        ("mesh_part", ("23:59:58.999999", "second"), 58),
        ("mesh_part", ("2026-01-04T00:07:00.000000Z", "minute"), 7),
        ("mesh_part", (None, "year"), None),
        ("mesh_move", ("9999-12-31", 1), None),
        ("mesh_move", ("2000-02-28", 1), "2000-02-29"),
        ("mesh_move", ("2000-02-28", None), None),
        ("mesh_move", ("2000-02-28", 2**62), None),
        ("mesh_days", ("2000-03-01", "2000-02-28"), 2),
        ("mesh_days", ("2000-03-01", "-infinity"), None),
        ("mesh_local", ("2026-01-31",), "2026-01-31T00:00:00.000000"),
        ("mesh_local", ("2026-01-31T01:02:03.000004Z",), "2026-01-31T01:02:03.000004"),
        ("mesh_date", ("infinity",), None),
    ],
)
def test_of_dates_and_times(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert TIME_FUNCTIONS[name](*arguments) == expected

"""Markdown of a plan: whatever names and texts hold, they make no marks."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from streammesh.planning.findings import Note
from streammesh.planning.owner import Owner, mesh_owner
from streammesh.planning.plan import Plan
from streammesh.planning.showing.markdown import code, markdown, prose

HOSTILE = [
    "![x](https://example.com/x.png)",
    "[click](javascript:alert(1))",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a\n\n# heading",
    "a\r\n- item",
    "`` ` ``` ````",
    "`unclosed",
    "| cell | cell |",
    "**bold** _it_ ~~gone~~",
    "@everyone and @org/team",
    "https://example.com www.example.com",
    "&lt;b&gt; $x$",
    "\\`escaped\\`",
    "\x1b[31mred\x1b[0m\u202eevil",
]


@pytest.mark.parametrize("said", HOSTILE)
def test_code_holds_the_text_on_one_line_between_fences_that_it_does_not_have(said):
    span = code(said)
    fence = span[: len(span) - len(span.lstrip("`"))]
    inner = span[len(fence) : -len(fence)]
    assert span.endswith(fence)
    assert fence not in inner
    assert len(span.splitlines()) == 1
    assert "\x1b" not in span
    assert "\u202e" not in span


@pytest.mark.parametrize("said", HOSTILE)
def test_prose_has_no_mark_that_is_not_escaped_outside_of_code(said):
    line = prose(said)
    assert len(line.splitlines()) == 1
    outside = _without_code(line).replace("@&#8203;", "@ ")
    for at, one in enumerate(outside):
        if one in "`*_[]<>#|~$":
            before = len(outside[:at]) - len(outside[:at].rstrip("\\"))
            assert before % 2 == 1, (line, outside[at:])
    assert re.search(r"(?<!\\)://", outside) is None
    assert "www." not in outside
    assert "@everyone" not in outside


def _without_code(line: str) -> str:
    """Leave out code spans as CommonMark finds them."""
    kept, at = "", 0
    while at < len(line):
        if line[at] == "\\" and at + 1 < len(line):
            kept, at = kept + line[at : at + 2], at + 2
            continue
        if line[at] != "`":
            kept, at = kept + line[at], at + 1
            continue
        run = len(line[at:]) - len(line[at:].lstrip("`"))
        end = _closing(line, at + run, run)
        assert end > 0, f"a span is not closed: {line}"
        at = end
    return kept


def _closing(line: str, at: int, run: int) -> int:
    while at < len(line):
        found = len(line[at:]) - len(line[at:].lstrip("`"))
        if found == run:
            return at + run
        at += max(1, found)
    return -1


def test_plain_words_stay_plain_and_code_stays_code():
    assert prose("2 to change, `version: 1.1.0` here") == "2 to change, `version: 1.1.0` here"
    assert prose("mail a@example.com") == "mail a@example.com"
    assert code("") == ""
    assert code("`x`") == "`` `x` ``"


@pytest.mark.parametrize("said", HOSTILE)
def test_a_hostile_name_makes_no_line_of_its_own(said):
    note = Note(mesh_owner(), said, "!", None, "field", said)
    plain = replace(note, text="x", subject="x")
    shown, other = (markdown(Plan("m", "e", (), notes=(one,))) for one in (note, plain))
    heads = [[line[:3] for line in one.splitlines()] for one in (shown, other)]
    assert heads[0] == heads[1]


def test_a_long_plan_is_cut():
    notes = tuple(
        Note(Owner(f"product/a.p{at}.v1", "a", f"a.p{at} v1"), "x", "!") for at in range(130)
    )
    shown = markdown(Plan("m", "e", (), notes=notes))
    assert shown.count("### `a.p") == 100
    assert "… and 30 more sources and products" in shown

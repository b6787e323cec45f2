"""Texts of others on a terminal."""

import json

import pytest

from streammesh.errors import Location, MeshError
from streammesh.errors.rendering import render
from streammesh.errors.visible import coloured, in_json, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b[H", r"\x1b[2J\x1b[H"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b2J", r"\x9b2J"),
        ("5 lines\rnothing to do", r"5 lines\rnothing to do"),
        ("paid\u202e)00,1(", r"paid\u202e)00,1("),
        ("back\x08\x7f", r"back\x08\x7f"),
        ("from Windows\r\nlines", "from Windows\nlines"),
        ("Zürich, 東京, نص, 👩‍👧, a\tb\nc", "Zürich, 東京, نص, 👩‍👧, a\tb\nc"),
    ],
)
def test_what_controls_a_terminal_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert coloured(text.replace("\r\n", "\n")) == shown


def test_our_own_colours_stay_and_no_others() -> None:
    ours = "\x1b[1;31merror:\x1b[0m \x1b[1mx\x1b[0m \x1b[32m+\x1b[0m"
    assert coloured(ours) == ours
    assert coloured("\x1b[8mhidden\x1b[2K") == r"\x1b[8mhidden\x1b[2K"
    assert visible(ours).count("\x1b") == 0


def test_json_keeps_its_meaning() -> None:
    value = {"a": "\x9b2J\x7f\u202e\x1b ü"}
    written = in_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(written) == value
    assert all(one.isprintable() for one in written)
    assert "ü" in written


class Refused(MeshError):
    """{message}"""


@pytest.mark.parametrize("colour", [True, False])
def test_an_error_quotes_without_harm(colour: bool) -> None:
    where = Location("a\x1b.yaml", 1, 7, 3, "name: \x1b[2J\u202ebad")
    said = render(
        Refused(message="no \x1b[2J", where=where, why="\rfine", fix="\x1b[1A"), colour=colour
    )
    plain = said.replace("\x1b[1;31merror:\x1b[0m", "error:")
    assert all(one.isprintable() or one == "\n" for one in plain)
    assert plain.startswith(r"error: no \x1b[2J")
    quoted, marked = plain.splitlines()[2:4]
    assert quoted.index("�") == marked.index("^")

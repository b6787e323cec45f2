"""How long lines of an error are broken."""

from __future__ import annotations

from streammesh.errors.base import MeshError
from streammesh.errors.rendering import WIDTH, render


class Long(MeshError):
    """{text}"""


def test_long_lines_are_broken_between_words():
    words = "some words and " * 12
    said = render(Long(text=words.strip(), why=words, fix=words)).splitlines()
    assert max(map(len, said)) <= WIDTH
    assert said[0].startswith("error: some words")
    assert said[1].startswith("  some words") or said[1].startswith("  words")
    assert " ".join(" ".join(said).replace("error:", "").replace("fix:", "").split()) == " ".join(
        (words * 3).split()
    )


def test_what_is_to_be_copied_is_not():
    quoted = f"`psql -c '{'x ' * 60}'`"
    command = f"mesh access approve web/site {'--field a ' * 12}".strip()
    said = render(Long(text="no", fix=f"run {quoted} as {'somebody ' * 9}\n{command}"))
    assert quoted in said
    assert command in said

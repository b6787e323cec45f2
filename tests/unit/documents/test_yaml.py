import math
from typing import Any

import pytest

from streammesh.documents.files import source_text
from streammesh.documents.yaml import parse, plain
from streammesh.errors import MeshError, MeshErrors
from streammesh.errors import documents as errors
from streammesh.errors.rendering import flatten


def document(text: str) -> Any:
    return parse(source_text("f.yaml", text.encode())).document


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-31", "2026-01-31"),
        ("yes", "yes"),
        ("on", "on"),
        ("No", "No"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("-12", -12),
        ("0o14", 12),
        ("012", 12),
        ("0x1F", 31),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("1.0.0", "1.0.0"),
        ("=", "="),
    ],
)
def test_plain_scalars_follow_the_core_schema(text: str, value: Any) -> None:
    assert plain(text) == value
    assert type(plain(text)) is type(value)
    assert document(f"a: {text}") == {"a": value}


def test_quoted_scalars_are_texts() -> None:
    assert document("a: '1'\nb: \"true\"\nc: |\n  2\n") == {"a": "1", "b": "true", "c": "2\n"}


def test_every_value_and_key_has_a_place() -> None:
    parsed = parse(source_text("f.yaml", b"a:\n  - b: 1\n    long: text\n"))
    assert str(parsed.place("a", 0, "long")) == "f.yaml:3:11"
    assert parsed.place("a", 0, "long").length == 4
    assert str(parsed.key("a", 0, "long")) == "f.yaml:3:5"
    assert parsed.place("a", 0, "long").text == "    long: text"
    assert str(parsed.place("a", 0, "none")) == "f.yaml:2:5"


def test_anchors_may_be_used() -> None:
    assert document("a: &x {b: 1}\nc: *x\n") == {"a": {"b": 1}, "c": {"b": 1}}


def test_windows_line_ends_and_byte_order_mark() -> None:
    parsed = parse(source_text("f.yaml", b"\xef\xbb\xbfa: 1\r\nb: x\r\n"))
    assert parsed.document == {"a": 1, "b": "x"}
    assert parsed.place("b").text == "b: x"


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n"
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a: 1\na: 2", errors.DuplicateKey),
        ("a: {b: 1, 'b': 2}", errors.DuplicateKey),
        ("a:\n\t- b", errors.BadSyntax),
        ("a: 'x", errors.BadSyntax),
        ("a: \x01", errors.BadSyntax),
        ("a: *b", errors.BadSyntax),
        ("a: 1\n---\nb: 2", errors.BadSyntax),
        ("a: !!python/object:os.system x", errors.NotSupportedYaml),
        ("a: !secret x", errors.NotSupportedYaml),
        ("[a]: b", errors.NotSupportedYaml),
        ('a: "\\ud800"', errors.BadSyntax),
        ("[" * 5000, errors.TooMuchYaml),
        ("a: " + "[" * 70 + "]" * 70, errors.TooMuchYaml),
        ("&a [*a]", errors.BadSyntax),
        (BOMB, errors.TooMuchYaml),
        ("", errors.WrongShape),
        ("# nothing", errors.WrongShape),
    ],
)
def test_what_is_refused(text: str, error: type[errors.DocumentError]) -> None:
    with pytest.raises(MeshError) as caught:
        document(text)
    found = flatten(caught.value)
    assert [type(one) for one in found] == [error]
    assert found[0].where is not None


def test_every_key_that_is_wrong_is_told() -> None:
    with pytest.raises(MeshErrors) as caught:
        document("a: 1\na: 2\nb:\n  <<: {c: 1}\n  d: 1\n  d: 1\n")
    assert [str(one.where) for one in caught.value.errors] == [
        "f.yaml:2:1",
        "f.yaml:4:3",
        "f.yaml:6:3",
    ]
    assert caught.value.errors[0].why == "It stands at line 1 already."

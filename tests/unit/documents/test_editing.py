"""Edits in place: what is asked for changes, and not a byte around it."""

from pathlib import Path

import pytest

from streammesh.documents.editing import Editor, written
from streammesh.errors.lifecycle import EditByHand

SHOP = Path(__file__).parents[3] / "examples" / "shop"
BLOCK = """\
# who may change this: sales
id: sales.orders.v1      # never reused
version: "1.0.0"
status:   active   # since May
slaProperties:
  - { property: latency, value: 5, unit: s }   # p99
  - property: retention
    value: unlimited

  # the rest is ours
customProperties:
  - property: stream
    value:
      partitions: 4

# the end
"""


def edited(text: str, *steps, value) -> str:
    editor = Editor("orders.v1.odcs.yaml", text)
    editor.set(*steps, value=value)
    return editor.text


def test_a_value_is_replaced_and_nothing_else():
    assert edited(BLOCK, "status", value="deprecated") == BLOCK.replace(
        "status:   active   #", "status:   deprecated   #"
    )
    assert edited(BLOCK, "version", value="1.1.0") == BLOCK.replace('"1.0.0"', "1.1.0")
    assert edited(BLOCK, "slaProperties", 0, "value", value=7) == BLOCK.replace(
        "value: 5,", "value: 7,"
    )


@pytest.mark.parametrize("name", ["orders.v1.odcs.yaml", "dataproduct.odps.yaml"])
def test_any_value_of_the_example_can_be_replaced_alone(name):
    text = (SHOP / "domains/sales/products/orders" / name).read_text()
    found = list(scalars(Editor(name, text).document))
    assert len(found) > 10
    for steps in found:
        before, after = text.splitlines(), edited(text, *steps, value="XYZ").splitlines()
        [(old, new)] = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
        start, end = new.split("XYZ")
        assert old.startswith(start)
        assert old.endswith(end)


def scalars(document, *steps):
    """Give the places of all values that are no mappings and lists."""
    if not isinstance(document, dict | list):
        yield steps
        return
    for name, value in document.items() if isinstance(document, dict) else enumerate(document):
        yield from scalars(value, *steps, name)


def test_a_field_is_added_behind_the_last_one():
    assert edited(BLOCK, "customProperties", 0, "value", "because", value="it's: over") == (
        BLOCK.replace("partitions: 4\n", 'partitions: 4\n      because: "it\'s: over"\n')
    )
    assert edited(BLOCK, "slaProperties", 0, "driver", value="analytics") == BLOCK.replace(
        "unit: s }", "unit: s, driver: analytics }"
    )


def test_an_item_is_added_behind_the_last_one():
    editor = Editor("a.yaml", BLOCK)
    editor.append("slaProperties", value={"property": "endOfLife", "value": "2027-01-18"})
    assert editor.text == BLOCK.replace(
        "    value: unlimited\n",
        '    value: unlimited\n  - { property: endOfLife, value: "2027-01-18" }\n',
    )


def test_a_new_field_of_the_file_stands_behind_its_last_value():
    text = edited("a: 1 # one\nb: [x]\n# end\n", "c", value=[{"property": "stream"}])
    assert text == "a: 1 # one\nb: [x]\nc:\n  - { property: stream }\n# end\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ports:\n- name: a # x\n  version: 1\n- name: b\n", "- name: a # x\n  version: 1\n"),
        ("ports:\n  -   name: a\n      version: 1\n", "  -   name: a\n      version: 1\n"),
        ("ports:\n  -\n    name: a\n  - name: b\n", "  -\n    name: a\n"),
        ("ports:\n  - { name: a }  # c\n", "  - { name: a }  # c\n"),
    ],
)
def test_an_item_is_repeated_with_its_layout(text, expected):
    editor = Editor("a.yaml", text)
    editor.repeat("ports", 0)
    assert editor.text == text.replace(expected, expected * 2, 1)


def test_an_item_of_one_line_is_repeated_in_it():
    editor = Editor("a.yaml", "ports: [{ name: a }, { name: b }]\n")
    editor.repeat("ports", 0)
    assert editor.text == "ports: [{ name: a }, { name: a }, { name: b }]\n"


def test_a_file_without_a_last_line_end_and_with_those_of_windows_keeps_them():
    assert edited("a: 1\r\nb: 2", "c", value="d") == "a: 1\r\nb: 2\r\nc: d"
    assert edited("\ufeffa: ä\r\nb: 2\r\n", "b", value=3) == "\ufeffa: ä\r\nb: 3\r\n"


def test_a_text_of_several_lines_is_replaced_whole():
    text = "a: |\n  one\n  two\nb: 1\n"
    assert edited(text, "a", value="short") == "a: short\nb: 1\n"
    assert edited("b: 1\na: >\n  one\n  two\n\n", "c", value="d") == (
        "b: 1\na: >\n  one\n  two\nc: d\n\n"
    )


def test_json_is_yaml_too():
    assert edited('{"a": {"b": 1}, "c": []}', "a", "d", value="x") == (
        '{"a": {"b": 1, d: x}, "c": []}'
    )
    editor = Editor("a.json", '{"c": []}')
    editor.append("c", value="x")
    assert editor.text == '{"c": [x]}'


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("a: &x { b: 1 }\nc: *x\n", ("a", "b")),  # c would change with it
        ("a:\nb: 1\n", ("a", "d")),  # nothing is no mapping
    ],
)
def test_what_cannot_be_edited_alone_is_refused_and_left(text, steps):
    editor = Editor("a.yaml", text)
    with pytest.raises(EditByHand, match="a.b" if steps[1] == "b" else "a.d"):
        editor.set(*steps, value=2)
    assert editor.text == text


@pytest.mark.parametrize(
    "value",
    ["no", "1.0", "1.2.3", "2027-01-18", "a: b", "# x", "", "é", "- x", '"', "sales.v1", 5, "1e3"],
)
def test_what_is_written_is_read_again(value):
    editor = Editor("a.yaml", "a: x\n")
    editor.set("a", value={"in": value, "list": [value]})
    assert editor.document == {"a": {"in": value, "list": [value]}}
    assert "\n" not in written(value)


@pytest.mark.parametrize(
    ("text", "steps", "expected"),
    [
        ("a:\n  - x: 1\n    y: 2 # two\n  - z: 3\nb: 4\n", ("a", 0), "a:\n  - z: 3\nb: 4\n"),
        ("a:\n  - x: 1\n  - z: 3 # three\n", ("a", 1), "a:\n  - x: 1\n"),
        ("a:\n  - { x: 1 }\nb: 4\n", ("a", 0), "a:\n  []\nb: 4\n"),
        ("a: { x: 1, y: 2 }\n", ("a", "x"), "a: { y: 2 }\n"),
        ("a:\n  x: |\n    long\n    text\n  y: 2\n", ("a", "x"), "a:\n  y: 2\n"),
        ("a: 1\r\nb: 2\r\n", ("b",), "a: 1\r\n"),
    ],
)
def test_what_is_removed_goes_with_its_lines(text, steps, expected):
    editor = Editor("a.yaml", text)
    editor.remove(*steps)
    assert editor.text == expected


def test_what_shares_a_line_with_others_is_not_removed_with_them():
    text = "a:\n  - x: 1\n    y: 2\n"
    editor = Editor("a.yaml", text)
    with pytest.raises(EditByHand):
        editor.remove("a", 0, "x")
    assert editor.text == text

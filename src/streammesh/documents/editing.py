"""Edit YAML in place: a value, a field or an item changes, and all other bytes stay as they are.

libyaml's marks say where each value begins and ends; texts are cut and put together there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import yaml as libyaml

from streammesh.documents.files import source_text
from streammesh.documents.parsed import Steps, dotted
from streammesh.documents.yaml import parse
from streammesh.errors import Location, MeshError
from streammesh.errors.lifecycle import EditByHand

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*\Z|\d+\.\d+\.\d+\Z")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def written(value: Any) -> str:
    """Give a value as it is written in one line of YAML: plain where that is safe, else as JSON."""
    if isinstance(value, dict):
        inside = ", ".join(f"{name}: {written(one)}" for name, one in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    plain = isinstance(value, str) and _PLAIN.match(value) and value.lower() not in _WORDS
    return str(value) if plain else json.dumps(value, ensure_ascii=False)


class Editor:
    """A YAML file's text, edited step by step.

    Attributes:
        path: of the file, for messages.
        text: as it is by now, with the line ends that it came with.
    """

    def __init__(self, path: str, text: str) -> None:
        """Take a text that parses.

        Args:
            path: of the file.
            text: as it stands in the file, decoded.
        """
        self.path = path
        self.text = text

    @property
    def document(self) -> Any:
        """What the text says by now."""
        return parse(source_text(self.path, self.text.encode())).document

    def set(self, *steps: str | int, value: Any) -> None:
        """Give a field another value; it is added to its mapping when it isn't there.

        Args:
            steps: where: names and indices.
            value: a text or number, or a mapping of such.

        Raises:
            EditByHand: the text is written in a way that can't be edited safely.
        """
        *around, last = steps
        if isinstance(last, str) and last not in (_at(self.document, around) or {}):
            self._change(
                steps, lambda: self._added(around, self._field(around, last, value)), value
            )
        else:
            self._change(steps, lambda: self._replaced(steps, written(value)), value)

    def append(self, *steps: str | int, value: Any) -> None:
        """Add an item to the end of a list that is there.

        Raises:
            EditByHand: the text is written in a way that can't be edited safely.
        """
        count = len(_at(self.document, steps))
        self._change((*steps, count), lambda: self._added(steps, written(value)), value)

    def repeat(self, *steps: str | int) -> None:
        """Write an item of a list a second time, behind the first.

        Raises:
            EditByHand: the text is written in a way that can't be edited safely.
        """
        *around, index = steps
        value = _at(self.document, steps)
        wanted = _inserted(self.document, tuple(around), int(index) + 1, value)
        self._checked(steps, lambda: self._repeated(steps), wanted)

    def remove(self, *steps: str | int) -> None:
        """Take a field or an item away; of a block with its lines.

        Raises:
            EditByHand: the text is written in a way that can't be edited safely.
        """
        *around, last = steps
        wanted = _with(self.document, tuple(around), _without(_at(self.document, around), last))
        self._checked(steps, lambda: self._removed(steps), wanted)

    def _change(self, steps: Steps, edit: Callable[[], str], value: Any) -> None:
        self._checked(steps, edit, _with(self.document, tuple(steps), value))

    def _checked(self, steps: Steps, edit: Callable[[], str], wanted: Any) -> None:
        before = self.text
        try:
            self.text = edit()
            right = self.document == wanted
        except (MeshError, libyaml.YAMLError, AttributeError, LookupError, ValueError):
            right = False
        if not right:
            self.text = before
            raise EditByHand(place=dotted(steps), where=Location(self.path))

    def _node(self, steps: Steps) -> Any:
        node = libyaml.compose(self.text, Loader=libyaml.SafeLoader)
        for step in steps:
            if isinstance(step, int):
                node = node.value[step]
            else:
                node = next(value for key, value in node.value if key.value == step)
        return node

    def _replaced(self, steps: Steps, value: str) -> str:
        node = self._node(steps)
        return self.text[: node.start_mark.index] + value + self.text[self._end(node) :]

    def _field(self, around: Steps, name: str, value: Any) -> str:
        """Give a field as it is written in its mapping: a list with an item to a line."""
        node = self._node(around)
        if node.flow_style or not node.value or not isinstance(value, list):
            return f"{name}: {written(value)}"
        before = f"{self._newline}{' ' * node.start_mark.column}  - "
        return f"{name}:" + "".join(before + written(one) for one in value)

    def _added(self, steps: Steps, text: str) -> str:
        node = self._node(steps)
        if node.flow_style or not node.value:
            return self._added_in_flow(node, text)
        end, line = self._line_end(node), self._newline
        indent = " " * node.start_mark.column
        dash = "- " if isinstance(node, libyaml.SequenceNode) else ""
        return f"{self.text[:end]}{line}{indent}{dash}{text}{self.text[end:]}"

    def _added_in_flow(self, node: Any, text: str) -> str:
        if not node.value:
            inside = node.end_mark.index - 1
            return self.text[:inside] + text + self.text[inside:]
        last = node.value[-1]
        end = self._end(last[1] if isinstance(last, tuple) else last)
        return f"{self.text[:end]}, {text}{self.text[end:]}"

    def _repeated(self, steps: Steps) -> str:
        around, node = self._node(steps[:-1]), self._node(steps)
        if around.flow_style:
            end = self._end(node)
            return f"{self.text[:end]}, {self.text[node.start_mark.index : end]}{self.text[end:]}"
        start = self.text.rindex("-", 0, node.start_mark.index)
        start = self.text.rfind("\n", 0, start) + 1
        end = self._line_end(node)
        return f"{self.text[:end]}{self._newline}{self.text[start:end]}{self.text[end:]}"

    def _removed(self, steps: Steps) -> str:
        *around, last = steps
        outer = self._node(around)
        if outer.flow_style or len(outer.value) == 1:
            return self._replaced(around, written(_without(_at(self.document, around), last)))
        if isinstance(outer, libyaml.MappingNode):
            start = next(key.start_mark.index for key, _ in outer.value if key.value == last)
        else:
            start = self.text.rindex("-", 0, self._node(steps).start_mark.index)
        rest = self.text[self._line_end(self._node(steps)) :]
        return self.text[: self.text.rfind("\n", 0, start) + 1] + rest.removeprefix(self._newline)

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def _line_end(self, node: Any) -> int:
        """Give where the last line of a node ends, with the comment that stands on it."""
        end = self._end(node)
        found = re.compile(r"\r?\n|\Z").search(self.text, end)
        return end if found is None else found.start()

    def _end(self, node: Any) -> int:
        """Give where a node's own text ends: a block's mark is that of what follows it."""
        if isinstance(node, libyaml.ScalarNode):
            text = self.text[: node.end_mark.index]
            return len(text.rstrip()) if node.style in ("|", ">") else len(text)
        if node.flow_style or not node.value:
            return int(node.end_mark.index)
        last = node.value[-1]
        return self._end(last[1] if isinstance(last, tuple) else last)


def _at(document: Any, steps: Steps) -> Any:
    for step in steps:
        document = document[step]
    return document


def _without(around: Any, last: str | int) -> Any:
    if isinstance(around, list):
        return [one for at, one in enumerate(around) if at != last]
    return {name: one for name, one in around.items() if name != last}


def _with(document: Any, steps: tuple[str | int, ...], value: Any) -> Any:
    """Give a document in which a place has another value."""
    if not steps:
        return value
    step, *rest = steps
    if isinstance(step, int):
        items = [*document, None] if step == len(document) else list(document)
        items[step] = _with(items[step], tuple(rest), value)
        return items
    known = document or {}
    return {**known, step: _with(known.get(step), tuple(rest), value)}


def _inserted(document: Any, steps: tuple[str | int, ...], index: int, value: Any) -> Any:
    items = list(_at(document, steps))
    items.insert(index, value)
    return _with(document, steps, items)

"""YAML 1.2 (core schema) to plain values with places, within limits.

libyaml reads the syntax; the values are built here from its events, so that scalars follow the core
schema, duplicate keys are seen, every value keeps its place, and a limit stops the reading as soon
as it is passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml as libyaml

from streammesh.documents.collect import Errors
from streammesh.documents.files import SourceText
from streammesh.documents.parsed import Mark, Parsed, Places
from streammesh.documents.scalars import MAX_DIGITS, plain, tagged
from streammesh.errors import Location, MeshError
from streammesh.errors.documents import (
    BadSyntax,
    DuplicateKey,
    NotSupportedYaml,
    TooMuchYaml,
    WrongShape,
)

MAX_DEPTH = 60
MAX_VALUES = 40_000
MAX_PROBLEMS = 100

_LOADER: Any = getattr(libyaml, "CLoader", libyaml.Loader)
_TAG = "tag:yaml.org,2002:"
_SCALAR_TAGS = frozenset({"str", "int", "float", "bool", "null"})
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_NO_LINE_ENDS = {0x85: "\ue085", 0x2028: "\ue086", 0x2029: "\ue087"}
_BACK = {ord(stands): chr(code) for code, stands in _NO_LINE_ENDS.items()}


@dataclass(slots=True)
class _Node:
    """A value as written: its content is a text, child nodes, or pairs of key and value."""

    mark: Mark
    tag: str | None
    content: Any
    quoted: bool = False


def parse(source: SourceText) -> Parsed:
    """Parse a YAML file that holds one document.

    Raises:
        MeshError: when it is no valid YAML, or beyond the limits.
    """
    _check_characters(source)
    try:
        root = _Reader(source).read()
    except libyaml.YAMLError as error:
        raise _syntax(source, error) from None
    if root is None:
        raise WrongShape(what="the file is empty", where=Location(source.path))
    builder = _Builder(source)
    document = builder.build(root, "", 0)
    builder.problems.raise_any()
    return Parsed(source, document, Places(source, builder.places), Places(source, builder.keys))


def _check_characters(source: SourceText) -> None:
    found = _CONTROL.search(source.text)
    if found:
        line = source.text.count("\n", 0, found.start()) + 1
        column = found.start() - source.text.rfind("\n", 0, found.start())
        reason = f"the control character U+{ord(found[0]):04X} stands in it"
        fix = "delete the character, or write it escaped in double quotes"
        where = source.at(line, column)
        raise BadSyntax(language="YAML", reason=reason, where=where, fix=fix)


def _syntax(source: SourceText, error: libyaml.YAMLError) -> BadSyntax:
    if not isinstance(error, libyaml.MarkedYAMLError):
        return BadSyntax(language="YAML", reason=str(error), where=Location(source.path))
    mark = error.problem_mark or error.context_mark
    reason = " ".join(str(part) for part in (error.context, error.problem) if part)
    line = min(mark.line + 1, len(source.lines)) if mark else 0
    column = mark.column + 1 if mark and line == mark.line + 1 else 1
    where = source.at(line, column) if mark else Location(source.path)
    fix = _syntax_fix(source, where, reason)
    return BadSyntax(language="YAML", reason=_words(reason), where=where, fix=fix)


def _words(reason: str) -> str:
    """Put libyaml's most frequent reasons into words for people."""
    if "mapping values are not allowed" in reason:
        return "a `name: value` can't stand here"
    if "cannot start any token" in reason:
        return "no value can begin with this character"
    return reason.replace("<", "").replace(">", "")


def _syntax_fix(source: SourceText, where: Location, reason: str) -> str:
    around = source.lines[max(0, where.line - 2) : where.line]
    if any("\t" in line[: len(line) - len(line.lstrip())] for line in around):
        return "indent with spaces, not with tabs"
    if "cannot start any token" in reason:
        return "put the value in quotes"
    return "check the indentation and the quotes here and on the line above"


class _Reader:
    """Reads libyaml's events into nodes."""

    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._swapped = any(chr(code) in source.text for code in _NO_LINE_ENDS)
        self._anchors: dict[str, _Node] = {}
        self._count = 0

    def read(self) -> _Node | None:
        """Give the document's root; None when there is no document."""
        text = self._source.text
        events = libyaml.parse(
            text.translate(_NO_LINE_ENDS) if self._swapped else text, Loader=_LOADER
        )
        root: _Node | None = None
        for event in events:
            if isinstance(event, libyaml.DocumentStartEvent):
                if root is not None:
                    self._refuse_second(event)
                root = self._node(next(events), events, 0)
        return root

    def _refuse_second(self, event: Any) -> NoReturn:
        reason, fix = "a second document begins here", "put it into a file of its own"
        raise BadSyntax(language="YAML", reason=reason, where=self._at(event), fix=fix)

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> _Node:
        self._check_limits(event, depth)
        if isinstance(event, libyaml.ScalarEvent):
            return self._keep(event, self._scalar(event))
        if isinstance(event, libyaml.AliasEvent):
            return self._alias(event)
        start, end = event.start_mark, libyaml.SequenceEndEvent
        mark = (start.line + 1, start.column + 1, 1)
        children: list[_Node] = []
        if isinstance(event, libyaml.MappingStartEvent):
            end = libyaml.MappingEndEvent
        for inner in events:
            if isinstance(inner, end):
                break
            children.append(self._node(inner, events, depth + 1))
        if end is libyaml.SequenceEndEvent:
            return self._keep(event, _Node(mark, self._tag(event, "seq"), children))
        pairs = tuple(zip(children[::2], children[1::2], strict=True))
        return self._keep(event, _Node(mark, self._tag(event, "map"), pairs))

    def _check_limits(self, event: Any, depth: int) -> None:
        self._count += 1
        if depth > MAX_DEPTH:
            what = f"nested more than {MAX_DEPTH} levels deep"
            raise TooMuchYaml(what=what, where=self._at(event))
        if self._count > 2 * MAX_VALUES:
            raise TooMuchYaml(what=f"of more than {MAX_VALUES:,} values", where=self._at(event))

    def _scalar(self, event: Any) -> _Node:
        start, end = event.start_mark, event.end_mark
        length = end.column - start.column if start.line == end.line else 1
        text = event.value.translate(_BACK) if self._swapped else event.value
        tag = None if event.tag is None else self._tag(event, *_SCALAR_TAGS)
        return _Node((start.line + 1, start.column + 1, length), tag, text, not event.implicit[0])

    def _tag(self, event: Any, *known: str) -> str | None:
        """Give the short name of a tag; `!` alone says that a scalar is a text."""
        if event.tag is None:
            return None
        if event.tag == "!" and "str" in known:
            return "str"
        name = str(event.tag).removeprefix(_TAG)
        if name not in known:
            fix = "write the value without a tag"
            raise NotSupportedYaml(what=f"the tag {event.tag}", where=self._at(event), fix=fix)
        return name

    def _keep(self, event: Any, node: _Node) -> _Node:
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: Any) -> _Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            reason = f"nothing above is marked `&{event.anchor}`"
            fix = f"mark the value that is meant with `&{event.anchor}`, or write it out"
            raise BadSyntax(language="YAML", reason=reason, where=self._at(event), fix=fix)
        return node

    def _at(self, event: Any) -> Location:
        return self._source.at(event.start_mark.line + 1, event.start_mark.column + 1)


class _Builder:
    """Turns nodes into values and remembers where they stand."""

    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._count = 0
        self.places: dict[str, Mark] = {}
        self.keys: dict[str, Mark] = {}
        self.problems = Errors()

    def build(self, node: _Node, path: str, depth: int) -> Any:
        self.places[path] = node.mark
        self._count += 1
        if depth > MAX_DEPTH:
            what = f"nested more than {MAX_DEPTH} levels deep"
            raise TooMuchYaml(what=what, where=self._at(node))
        if self._count > MAX_VALUES:
            raise TooMuchYaml(what=f"of more than {MAX_VALUES:,} values", where=self._at(node))
        if isinstance(node.content, str):
            return self._scalar(node)
        if isinstance(node.content, tuple):
            return self._mapping(node.content, path, depth)
        return [
            self.build(child, f"{path}[{index}]", depth + 1)
            for index, child in enumerate(node.content)
        ]

    def _mapping(self, pairs: Any, path: str, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in pairs:
            name = key.content
            below = f"{path}.{name}" if path else str(name)
            problem = self._key_problem(key, values, below)
            if problem is not None:
                self.problems.add(problem)
                if len(self.problems) == MAX_PROBLEMS:
                    self.problems.raise_any()
                continue
            self.keys[below] = key.mark
            values[name] = self.build(value, below, depth + 1)
        return values

    def _key_problem(self, key: _Node, known: Mapping[str, Any], path: str) -> MeshError | None:
        name = key.content
        if not isinstance(name, str):
            fix = "write a plain name"
            return NotSupportedYaml(what="a key that is no text", where=self._at(key), fix=fix)
        if name in known:
            why = f"It stands at line {self.keys[path][0]} already."
            return DuplicateKey(name=name, where=self._at(key), why=why)
        if name == "<<" and not key.quoted:
            fix = "write the fields out: YAML 1.2 has no merge keys"
            return NotSupportedYaml(what="a merge key", where=self._at(key), fix=fix)
        return None

    def _scalar(self, node: _Node) -> Any:
        text = node.content
        if node.tag is None and node.quoted:
            return text
        try:
            return plain(text) if node.tag is None else tagged(node.tag, text)
        except OverflowError:
            fix = f"numbers have at most {MAX_DIGITS:,} digits; put a text in quotes"
            raise NotSupportedYaml(what="so long a number", where=self._at(node), fix=fix) from None
        except ValueError as error:
            fix = "write the value without a tag"
            where = self._at(node)
            raise BadSyntax(language="YAML", reason=str(error), where=where, fix=fix) from None

    def _at(self, node: _Node) -> Location:
        return self._source.at(*node.mark)

"""YAML 1.2 (core schema) to plain values with places, within limits.

The values are built here from the composed node tree, so that scalars follow the core schema (dates
stay strings, `yes` is a string), duplicate keys are seen, and every value keeps its place.
"""

from __future__ import annotations

import io
import math
import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from streammesh.documents.files import SourceText
from streammesh.documents.parsed import Parsed
from streammesh.errors import Location
from streammesh.errors.documents import (
    BadSyntax,
    DuplicateKey,
    NotSupportedYaml,
    TooMuchYaml,
    WrongShape,
)

MAX_DEPTH = 60
MAX_VALUES = 100_000

_CORE_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]{1,4000}\Z|0o[0-7]{1,1000}\Z|0x[0-9a-fA-F]{1,1000}\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_SPECIAL = re.compile(r"([-+]?)\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")


def parse(source: SourceText) -> Parsed:
    """Parse a YAML file that holds one document.

    Raises:
        DocumentError: when it is no valid YAML, or beyond the limits.
    """
    builder = _Builder(source)
    root = _compose(source)
    if root is None:
        raise WrongShape(what="the file is empty", where=Location(source.path))
    document = builder.build(root, "", 0)
    return Parsed(source, document, builder.places, builder.keys)


def _compose(source: SourceText) -> Node | None:
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    try:
        root: Node | None = reader.compose(io.StringIO(source.text))
    except RecursionError:
        raise TooMuchYaml(what="nested too deeply", where=Location(source.path)) from None
    except YAMLError as error:
        raise _syntax(source, error) from error
    return root


def _syntax(source: SourceText, error: YAMLError) -> BadSyntax:
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        reason = " ".join(part for part in (error.context, error.problem) if part)
        where = source.at(mark.line + 1, mark.column + 1) if mark else Location(source.path)
        return BadSyntax(language="YAML", reason=reason, where=where, fix=_syntax_fix(where))
    if isinstance(error, ReaderError):
        line = source.text.count("\n", 0, error.position) + 1
        reason = "a control character stands in it"
        fix = "delete the character, or write it escaped in double quotes"
        return BadSyntax(language="YAML", reason=reason, where=source.at(line), fix=fix)
    return BadSyntax(language="YAML", reason=str(error), where=Location(source.path))


def _syntax_fix(where: Location) -> str:
    if "\t" in where.text[: where.column]:
        return "indent with spaces, not with tabs"
    return "check the indentation and the quotes here and on the line above"


class _Builder:
    """Turns nodes into values and remembers where they stand."""

    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._count = 0
        self.places: dict[str, Location] = {}
        self.keys: dict[str, Location] = {}

    def build(self, node: Node, path: str, depth: int) -> Any:
        where = self._where(node)
        self.places[path] = where
        self._count += 1
        if depth > MAX_DEPTH:
            raise TooMuchYaml(what=f"nested more than {MAX_DEPTH} levels deep", where=where)
        if self._count > MAX_VALUES:
            raise TooMuchYaml(what=f"of more than {MAX_VALUES:,} values", where=where)
        if isinstance(node, MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, SequenceNode):
            return [
                self.build(child, f"{path}[{index}]", depth + 1)
                for index, child in enumerate(node.value)
            ]
        return self._scalar(node, where)

    def _mapping(self, node: MappingNode, path: str, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in node.value:
            where = self._where(key)
            if not isinstance(key, ScalarNode):
                raise NotSupportedYaml(what="a key that is no text", where=where, fix="a plain key")
            name = str(key.value)
            if name in values:
                raise DuplicateKey(name=name, where=where)
            below = f"{path}.{name}" if path else name
            self.keys[below] = where
            values[name] = self.build(value, below, depth + 1)
        return values

    def _scalar(self, node: Node, where: Location) -> Any:
        if str(node.tag) not in _CORE_TAGS:
            what = f"the tag {node.tag}"
            raise NotSupportedYaml(what=what, where=where, fix="write the value without a tag")
        text = str(node.value)
        if any("\ud800" <= one <= "\udfff" for one in text):
            fix = "write the character itself"
            raise NotSupportedYaml(what="half a character", where=where, fix=fix)
        quoted = isinstance(node, ScalarNode) and node.style in ("'", '"', "|", ">")
        return text if quoted else plain(text)

    def _where(self, node: Node) -> Location:
        start, end = node.start_mark, node.end_mark
        on_one_line = isinstance(node, ScalarNode) and start.line == end.line
        length = end.column - start.column if on_one_line else 1
        return self._source.at(start.line + 1, start.column + 1, length)


def plain(text: str) -> Any:
    """Give the value of a plain scalar by YAML 1.2's core schema (10.3.2)."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.match(text):
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text[2:] if base != 10 else text, base)
    if _FLOAT.match(text):
        return float(text)
    special = _SPECIAL.match(text)
    if special:
        return (
            math.nan if special[1] is None else math.copysign(math.inf, -(special[1] == "-") or 1)
        )
    return text

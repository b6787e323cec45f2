"""Where a part of a model stands in its text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from streammesh.documents.values import ModelFile
from streammesh.errors import Location

_OPENING = {TokenType.L_PAREN: 1, TokenType.L_BRACE: 1, TokenType.L_BRACKET: 1}
_CLOSING = {TokenType.R_PAREN: 1, TokenType.R_BRACE: 1, TokenType.R_BRACKET: 1}


@dataclass(frozen=True)
class ModelText:
    """A model's text, which knows the place of everything that was parsed from it.

    Attributes:
        file: the text.
        withs: the SELECTs that its WITHs name.
    """

    file: ModelFile
    withs: tuple[exp.CTE, ...] = ()

    @cached_property
    def tokens(self) -> list[Token]:
        """The text's tokens; none when it can't be cut into tokens."""
        try:
            return DuckDB().tokenize(self.file.text)
        except SqlglotError:
            return []

    def location(self, node: exp.Expr) -> Location:
        """Give the place of a node, marked to the end of its first line."""
        start, end = self.span(node)
        return self.at(start, end)

    def source(self, node: exp.Expr) -> str:
        """Give a node as it was written."""
        start, end = self.span(node)
        return self.file.text[start:end]

    def at(self, start: int, end: int) -> Location:
        """Give the place of the characters from `start` up to `end`."""
        text = self.file.text
        begin = text.rfind("\n", 0, start) + 1
        stop = text.find("\n", start)
        line = text[begin : len(text) if stop < 0 else stop]
        length = max(1, min(end, begin + len(line)) - start)
        number = text.count("\n", 0, start) + 1
        return Location(self.file.path, number, start - begin + 1, length, line.rstrip("\r"))

    def span(self, node: exp.Expr) -> tuple[int, int]:
        """Give the characters that a node was parsed from: (first, one after the last).

        Many nodes carry no position. Theirs is that of what stands in them, widened to whole
        brackets; a node without any (such as NULL) has that of the nearest one around it.
        """
        if is_inserted(node):
            return int(node.meta["start"]), int(node.meta["end"]) + 1
        positions = [one.meta for one in node.walk(prune=is_inserted) if self._written(one)]
        if not positions and (only := self._only_mention(node)) is not None:
            return only.start, only.end + 1
        if not positions:
            return (0, len(self.file.text)) if node.parent is None else self.span(node.parent)
        first = min(int(meta["start"]) for meta in positions)
        last = max(int(meta["end"]) for meta in positions)
        return self._whole_brackets(node, first, last)

    def _written(self, node: exp.Expr) -> bool:
        """Tell whether a node has a place; sqlglot gives `numeric` a size that stands nowhere."""
        if "start" not in node.meta:
            return False
        if not isinstance(node.parent, exp.DataTypeParam):
            return True
        start, end = int(node.meta["start"]), int(node.meta["end"])
        return self.file.text[start : end + 1] == node.name

    def _only_mention(self, node: exp.Expr) -> Token | None:
        """Give the one token that names a function without arguments, such as `current_date`."""
        if not isinstance(node, exp.Func):
            return None
        names = {name.upper() for name in type(node).sql_names()}
        found = [one for one in self.tokens if one.text.upper() in names]
        return found[0] if len(found) == 1 else None

    def _whole_brackets(self, node: exp.Expr, first: int, last: int) -> tuple[int, int]:
        tokens = self.tokens
        inside = [index for index, one in enumerate(tokens) if first <= one.start <= last]
        if not inside:
            return first, last + 1
        low, high = inside[0], inside[-1]
        if isinstance(node, _BRACKETED):
            low = _with_opening(tokens, low)
        elif isinstance(node, exp.Func):
            low, high = _with_call(tokens, node, low, high)
        low, high = _balanced(tokens, low, high)
        return tokens[low].start, tokens[high].end + 1


def inserted(node: exp.Expr, start: int, end: int) -> exp.Paren:
    """Put an expression into another place than where it was written.

    To what is around it, it stands where the name stands that it is put in for.

    Args:
        node: the expression, which keeps its own place for itself.
        start: the first character of the name.
        end: one after its last.
    """
    found = exp.Paren(this=node)
    found.meta.update({"start": start, "end": end - 1, _INSERTED: True})
    return found


def is_inserted(node: exp.Expr) -> bool:
    """Tell whether an expression stands for a name."""
    return _INSERTED in node.meta


_INSERTED = "inserted"
_BRACKETED = (exp.Struct, exp.Subquery, exp.Paren, exp.Array)


_OTHER_NAMES = ("STRING_AGG", "LISTAGG", "LIST", "JSON_AGG", "JSONB_AGG", "EVERY", "DATE_PART")
"""Names under which sqlglot doesn't know a function that it read."""


def _with_call(tokens: list[Token], node: exp.Func, low: int, high: int) -> tuple[int, int]:
    """Widen from a function's arguments to its name, or from its name to its arguments."""
    opening = _with_opening(tokens, low)
    names = {"CAST", *_OTHER_NAMES, *(name.upper() for name in type(node).sql_names())}
    if 0 < opening < low and tokens[opening - 1].text.upper() in names:
        return opening - 1, high
    called = high + 1 < len(tokens) and tokens[high + 1].token_type is TokenType.L_PAREN
    return low, high + 1 if called and low == high and "start" in node.meta else high


def _with_opening(tokens: list[Token], low: int) -> int:
    """Go back to the bracket that opens what begins at token `low`."""
    index, depth = low, 0
    while index > 0:
        index -= 1
        if tokens[index].token_type in _CLOSING:
            depth += 1
        elif tokens[index].token_type in _OPENING:
            if depth == 0:
                return index
            depth -= 1
    return low


def _balanced(tokens: list[Token], low: int, high: int) -> tuple[int, int]:
    """Widen to the right, then to the left, until every bracket has its other half."""
    depth = lowest = 0
    for token in tokens[low : high + 1]:
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
        lowest = min(lowest, depth)
    depth -= lowest
    while depth > 0 and high + 1 < len(tokens):
        high += 1
        kind = tokens[high].token_type
        depth += (kind in _OPENING) - (kind in _CLOSING)
    while lowest < 0 and low > 0:
        low -= 1
        kind = tokens[low].token_type
        lowest += (kind in _OPENING) - (kind in _CLOSING)
    return low, high

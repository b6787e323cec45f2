"""A migration's text cut into words, each with its place.

sqlglot's tokenizer is made for its parser: it makes one text of what follows CALL, RENAME or DO,
drops what a client reads by itself, and does not say where an open quote begins.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from streammesh.documents.files import SourceText
from streammesh.errors import Location
from streammesh.errors.migrations import MigrationSyntax


@dataclass(frozen=True)
class Token:
    """A word of a migration.

    Attributes:
        kind: "word", "quoted" (a name in quotes), "string", "number" or "sign".
        text: as meant: quotes taken off.
        start: its first character in the text.
        end: one after its last.
    """

    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The word in capitals; nothing when it is none, such as a name in quotes."""
        return self.text.upper() if self.kind in ("word", "sign") else ""


_SPACE = re.compile(r"\s+|--[^\n]*")
_SPACE_MYSQL = re.compile(r"\s+|--(?=\s|\Z)[^\n]*|#[^\n]*")
_WORD = re.compile(r"[^\W\d][\w$]*")
_NUMBER = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\w*")
_DOLLAR = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_COMMENT_MARK = re.compile(r"/\*|\*/")
_PREFIXED = re.compile(r"[eEbBxXnN](?=')|[uU]&(?=['\"])")


class Lexer:
    """Cuts a text by the rules of a dialect."""

    def __init__(self, text: SourceText, shown: str, *, mysql: bool) -> None:
        """Take a text.

        Args:
            text: the file, for places.
            shown: its text without what is not applied, as long as the file's own.
            mysql: whether its quotes are those of MySQL.
        """
        self.file, self.text, self.mysql = text, shown, mysql
        self._lines = [0, *(one.end() for one in re.finditer("\n", text.text))]

    def tokens(self) -> Iterator[Token]:
        """Give the words, comments left out.

        Raises:
            MigrationSyntax: a quote or comment is never closed.
        """
        at, text = 0, self.text
        spaces = _SPACE_MYSQL if self.mysql else _SPACE
        while at < len(text):
            if found := spaces.match(text, at):
                at = found.end()
            elif text.startswith("/*", at):
                at = self._after_comment(at)
            else:
                token = self._token(at)
                yield token
                at = token.end

    def at(self, start: int, end: int) -> Location:
        """Give the place of some characters."""
        line = bisect_right(self._lines, start)
        column = start - self._lines[line - 1] + 1
        place = self.file.at(line, column)
        length = max(1, min(end - start, len(place.text) - column + 1))
        return self.file.at(line, column, length)

    def _token(self, at: int) -> Token:
        text = self.text
        prefix = None if self.mysql else _PREFIXED.match(text, at)
        quote = prefix.end() if prefix else at
        if text[quote] == "'" or (self.mysql and text[quote] == '"'):
            escaped = self.mysql or (prefix is not None and prefix[0] in "eE")
            end, meant = self._quoted(quote, escaped=escaped)
            return Token("string", meant, at, end)
        if text[quote] in ('"', "`"):
            end, meant = self._quoted(quote, escaped=False)
            return Token("quoted", meant, at, end)
        if not self.mysql and (found := _DOLLAR.match(text, at)):
            return self._dollar(at, found[0])
        if found := _WORD.match(text, at):
            return Token("word", found[0], at, found.end())
        if found := _NUMBER.match(text, at):
            return Token("number", found[0], at, found.end())
        end = at + (2 if text.startswith("::", at) else 1)
        return Token("sign", text[at:end], at, end)

    def _quoted(self, start: int, *, escaped: bool) -> tuple[int, str]:
        """Give where a quoted text ends, and what stands in it."""
        found: list[str] = []
        mark, at = self.text[start], start + 1
        while at < len(self.text):
            letter = self.text[at]
            if letter == mark:
                if not self.text.startswith(mark, at + 1):
                    return at + 1, "".join(found)
                at += 1
            elif letter == "\\" and escaped:
                at += 1
            found.append(self.text[at : at + 1])
            at += 1
        raise self._open(start, f"the quote {mark} is never closed")

    def _dollar(self, start: int, mark: str) -> Token:
        stop = self.text.find(mark, start + len(mark))
        if stop < 0:
            raise self._open(start, f"the quote {mark} is never closed")
        return Token("string", self.text[start + len(mark) : stop], start, stop + len(mark))

    def _after_comment(self, start: int) -> int:
        depth = 0
        for found in _COMMENT_MARK.finditer(self.text, start):
            # only PostgreSQL's comments stand in one another
            depth += 1 if found[0] == "/*" and (not self.mysql or not depth) else 0
            depth -= found[0] == "*/"
            if not depth:
                return found.end()
        raise self._open(start, "the comment is never closed")

    def _open(self, start: int, problem: str) -> MigrationSyntax:
        return MigrationSyntax(problem=problem, where=self.at(start, start + 1))

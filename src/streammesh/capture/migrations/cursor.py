"""Reading a statement's words from the first to the last."""

from __future__ import annotations

from collections.abc import Sequence

from streammesh.capture.migrations.lexing import Token
from streammesh.capture.migrations.statements import Statement

Name = tuple[str, ...]
"""A name with what stands before its dots."""


class Unread(Exception):
    """A statement has a part that is not known here; its place is the token's."""

    def __init__(self, token: Token | None) -> None:
        """Take the first word that is not understood; None for the end."""
        super().__init__("" if token is None else token.text)
        self.token = token


class Cursor:
    """Goes through a statement's words."""

    def __init__(self, statement: Statement, *, mysql: bool) -> None:
        """Begin at the first word; names in PostgreSQL are in small letters unless quoted."""
        self.mysql = mysql
        self._tokens = statement.tokens
        self._at = 0

    @property
    def done(self) -> bool:
        """Whether all has been read."""
        return self._at >= len(self._tokens)

    @property
    def token(self) -> Token | None:
        """The next word; None at the end."""
        return None if self.done else self._tokens[self._at]

    def words(self, count: int = 1) -> list[str]:
        """Give the next words in capitals."""
        return [one.word for one in self._tokens[self._at : self._at + count]]

    def sees(self, *words: str) -> bool:
        """Tell whether these words come next."""
        return self.words(len(words)) == list(words)

    def sees_one(self, words: Sequence[str] | frozenset[str]) -> bool:
        """Tell whether one of these words comes next."""
        token = self.token
        return token is not None and token.word in words

    def take(self, *words: str) -> bool:
        """Go past these words if they come next, and tell whether they did."""
        if not self.sees(*words):
            return False
        self._at += len(words)
        return True

    def take_one(self, *words: str) -> bool:
        """Go past one of these words if it comes next, and tell whether it did."""
        return any(self.take(one) for one in words)

    def expect(self, *words: str) -> None:
        """Go past these words.

        Raises:
            Unread: something else comes.
        """
        if not self.take(*words):
            raise self.unread()

    def unread(self) -> Unread:
        """Give the error for what comes next."""
        return Unread(self.token)

    def next(self) -> Token:
        """Go past the next word, whatever it is.

        Raises:
            Unread: at the end.
        """
        token = self.token
        if token is None:
            raise Unread(None)
        self._at += 1
        return token

    def string(self) -> str:
        """Read a text in quotes.

        Raises:
            Unread: something else comes.
        """
        token = self.token
        if token is None or token.kind != "string":
            raise self.unread()
        return self.next().text

    def name(self) -> str:
        """Read one name.

        Raises:
            Unread: something else comes.
        """
        token = self.token
        if token is None or token.kind not in ("word", "quoted"):
            raise self.unread()
        self._at += 1
        return token.text if token.kind == "quoted" or self.mysql else token.text.lower()

    def qualified(self) -> Name:
        """Read a name with what stands before its dots."""
        parts = [self.name()]
        while self.take("."):
            parts.append(self.name())
        return tuple(parts)

    def names(self) -> tuple[str, ...]:
        """Read names in brackets; an expression among them is an empty name."""
        self.expect("(")
        found = []
        while True:
            found.append(self._listed())
            if self.take(")"):
                return tuple(found)
            self.expect(",")

    def _listed(self) -> str:
        token = self.token
        named = token is not None and token.kind in ("word", "quoted")
        name = self.name() if named else ""
        rest = self.until(",", ")")
        # of an index: its order, an operator class, or the length of a prefix
        plain = all(one.kind in ("word", "quoted") for one in rest)
        return name if plain else ""

    def until(self, *words: str) -> tuple[Token, ...]:
        """Go up to one of these words outside of brackets, or to the end; give what was passed."""
        start, depth = self._at, 0
        while not self.done:
            word = self._tokens[self._at].word
            if depth == 0 and word in words:
                break
            depth += (word in ("(", "[")) - (word in (")", "]"))
            if depth < 0:
                break
            self._at += 1
        return tuple(self._tokens[start : self._at])

    def brackets(self) -> tuple[Token, ...]:
        """Go past what stands in brackets, and give it."""
        self.expect("(")
        inside = self.until(")")
        self.expect(")")
        return inside

    def end(self) -> None:
        """Make sure that all has been read.

        Raises:
            Unread: something is left.
        """
        if not self.done:
            raise self.unread()

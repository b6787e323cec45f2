"""A migration's file: its statements in order, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from streammesh.capture.migrations.lexing import Lexer, Token
from streammesh.documents.files import SourceText
from streammesh.errors import Location
from streammesh.errors.migrations import MigrationSyntax

MYSQL = ("mysql", "mariadb")
DIALECTS = ("postgres", *MYSQL)
"""The dialects that a migration may be written in."""

_DOWN = re.compile(
    r"^[ \t]*--[ \t]*(?:\+(?:goose|migrate|micrate)[ \t]+down|migrate:down)\b"
    r"|^[ \t]*--[ \t]*//[ \t]*@UNDO",
    re.IGNORECASE | re.MULTILINE,
)
_COPY_DATA = re.compile(
    r"^COPY\b[^;\n]*\bFROM\s+stdin[^;\n]*;[^\n]*\n(.*?)^\\\.[^\n]*$",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_CLIENT = re.compile(r"^[ \t]*\\[^\n]*$", re.MULTILINE)
_DELIMITER = re.compile(r"^[ \t]*DELIMITER[ \t]+(\S+)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_EXECUTABLE = re.compile(r"/\*M?!\d*(.*?)\*/", re.DOTALL)
_PROCEDURAL = {"FUNCTION", "PROCEDURE", "TRIGGER", "EVENT", "PACKAGE"}


@dataclass(frozen=True)
class Statement:
    """One statement.

    Attributes:
        tokens: its words; none for a line that the client reads by itself.
        where: its first word.
        text: as written, without comments, mostly on one line.
    """

    tokens: tuple[Token, ...]
    where: Location
    text: str


@dataclass(frozen=True)
class Migration:
    """A migration's statements.

    Attributes:
        path: the file, as the user typed it.
        dialect: one of `DIALECTS`.
        statements: what is applied, in order.
        left_out: where the way back begins, which is not applied; None where there is none.
    """

    path: str
    dialect: str
    statements: tuple[Statement, ...]
    left_out: Location | None = None


def read_migration(file: SourceText, dialect: str) -> Migration:
    """Cut a file into its statements.

    What a tool would do when it takes the migration back (`-- +goose Down`, `-- migrate:down`) is
    left out, and so are the rows of COPY … FROM stdin.

    Raises:
        MigrationSyntax: a quote, comment or bracket is never closed.
    """
    mysql = dialect in MYSQL
    shown = _applied(file.text)
    down = file.text.find("--", len(shown.rstrip())) if len(shown) != len(file.text) else -1
    client: list[tuple[int, int]] = []
    shown = _without_clients(shown, client, mysql=mysql)
    lexer = Lexer(file, shown, mysql=mysql)
    found = [*_statements(lexer, list(lexer.tokens()), _delimiters(file.text, mysql=mysql))]
    found += [Statement((), lexer.at(a, b), file.text[a:b].strip()) for a, b in client]
    found.sort(key=lambda one: (one.where.line, one.where.column))
    left_out = None if down < 0 else lexer.at(down, down + 2)
    return Migration(file.path, dialect, tuple(found), left_out)


def _applied(text: str) -> str:
    found = _DOWN.search(text)
    return text[: found.start()] if found else text


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def _without_clients(text: str, client: list[tuple[int, int]], *, mysql: bool) -> str:
    """Put spaces for what the client reads by itself; its lines are noted."""
    if mysql:
        for found in _EXECUTABLE.finditer(text):
            # such a comment is done by the server
            inside = found.span(1)
            text = _blank(text, found.start(), inside[0])
            text = _blank(text, inside[1], found.end())
        for found in _DELIMITER.finditer(text):
            text = _blank(text, *found.span())
        return text
    for found in list(_COPY_DATA.finditer(text)):
        text = _blank(text, found.start(1), found.end())
    for found in list(_CLIENT.finditer(text)):
        client.append(found.span())
        text = _blank(text, *found.span())
    return text


def _delimiters(text: str, *, mysql: bool) -> list[tuple[int, str]]:
    """Give from where on which sign ends a statement."""
    found = [(one.end(), one[1]) for one in _DELIMITER.finditer(text)] if mysql else []
    return [(0, ";"), *found]


def _statements(
    lexer: Lexer, tokens: Sequence[Token], delimiters: Sequence[tuple[int, str]]
) -> Iterator[Statement]:
    waiting: list[Token] = []
    at = 0
    while at < len(tokens):
        mark = [sign for start, sign in delimiters if start <= tokens[at].start][-1]
        ends = lexer.text.startswith(mark, tokens[at].start) and tokens[at].kind == "sign"
        if ends and not (mark == ";" and _inside_body(waiting)):
            yield from _statement(lexer, waiting)
            waiting = []
            at += _width(tokens, at, len(mark))
        else:
            waiting.append(tokens[at])
            at += 1
    yield from _statement(lexer, waiting)


def _width(tokens: Sequence[Token], at: int, length: int) -> int:
    stop = tokens[at].start + length
    return sum(1 for one in tokens[at : at + length] if one.start < stop)


def _inside_body(tokens: Sequence[Token]) -> bool:
    """Tell whether a semicolon stands in the body of a routine, which goes on to its END."""
    words = [one.word for one in tokens]
    if not words or words[0] != "CREATE" or not _PROCEDURAL.intersection(words[:8]):
        return False
    depth = 0
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else ""
        if word in ("BEGIN", "CASE") and (index == 0 or words[index - 1] != "END"):
            depth += 1
        elif word == "END" and following not in ("IF", "LOOP", "WHILE", "REPEAT"):
            depth -= 1
    return depth > 0


def _statement(lexer: Lexer, tokens: Sequence[Token]) -> Iterator[Statement]:
    if not tokens:
        return
    _check_brackets(lexer, tokens)
    start, end = tokens[0].start, tokens[-1].end
    yield Statement(tuple(tokens), lexer.at(start, end), _on_one_line(lexer.text, tokens))


def _on_one_line(text: str, tokens: Sequence[Token]) -> str:
    """Give the words as written, without comments."""
    parts, end = [], tokens[0].start
    for one in tokens:
        parts.append("" if one.start == end else " ")
        parts.append(text[one.start : one.end])
        end = one.end
    return "".join(parts)


def _check_brackets(lexer: Lexer, tokens: Sequence[Token]) -> None:
    opened: list[Token] = []
    for one in tokens:
        if one.kind != "sign":
            continue
        if one.text == "(":
            opened.append(one)
        elif one.text == ")" and (not opened or opened.pop() is None):
            raise MigrationSyntax(
                problem="this bracket was never opened", where=lexer.at(one.start, one.end)
            )
    if opened:
        where = lexer.at(opened[-1].start, opened[-1].end)
        raise MigrationSyntax(problem="this bracket is never closed", where=where)

"""Reading a file of a workspace as text, within limits."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from streammesh.errors import Location
from streammesh.errors.documents import FileTooLarge, NotText, UnreadableFile

MAX_BYTES = 1_000_000
"""A larger file is no document."""

MAX_SMALL_BYTES = 100_000
"""A larger mesh.toml is none, and a larger model neither."""

_IN_ADDRESS = re.compile(r"(://[^/@\s:]{0,200}:)(?!\$\{)([^/@\s]{1,200})(?=@)")
_AFTER_NAME = re.compile(r"""(assword["']?\s{0,9}[:=]\s{0,9}["']?)(?!["'\s]|\$\{)([^"',}\s]+)""")

_SMALL = (".toml", ".sql")
_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_KINDS = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a named pipe, not a file"),
    (stat.S_ISSOCK, "it is a socket, not a file"),
    (stat.S_ISCHR, "it is a device, not a file"),
    (stat.S_ISBLK, "it is a device, not a file"),
)


@dataclass(frozen=True)
class SourceText:
    """A text file, with the means to point into it.

    Attributes:
        path: as the user would type it, relative to the workspace.
        text: the whole text.
        lines: the text's lines, without their ends.
    """

    path: str
    text: str
    lines: tuple[str, ...]

    def at(self, line: int, column: int = 1, length: int = 1) -> Location:
        """Give a place: 1-based line and column, and how much is marked."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Location(self.path, line, column, max(1, length), _without_passwords(text))


def _without_passwords(line: str) -> str:
    """Put stars for passwords in clear: lines are shown with errors, which end in logs."""
    if "://" in line:
        line = _IN_ADDRESS.sub(lambda found: found[1] + "*" * len(found[2]), line)
    if "assword" in line:
        line = _AFTER_NAME.sub(lambda found: found[1] + "*" * len(found[2]), line)
    return line


def read_text(root: Path, path: Path) -> SourceText:
    """Read a file.

    Args:
        root: the workspace's folder; the file's name is shown relative to it.
        path: the file.

    Raises:
        DocumentError: when it is missing, too large or not UTF-8.
    """
    shown = shown_path(root, path)
    where = Location(shown)
    limit = MAX_SMALL_BYTES if path.suffix in _SMALL else MAX_BYTES
    try:
        found = path.stat()
        for is_kind, reason in _KINDS:
            if is_kind(found.st_mode):
                raise UnreadableFile(reason=reason, where=where)
        if found.st_size > limit:
            raise FileTooLarge(size=found.st_size, limit=limit, where=where)
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(reason=reason.lower(), where=where) from None
    return source_text(shown, data)


def source_text(path: str, data: bytes) -> SourceText:
    """Decode a file's content; a byte order mark is left out, and line ends are unified.

    Raises:
        NotText: when it is not UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_text(path, data, error.start) from None
    if "\x00" in text:
        raise _not_text(path, data, data.index(b"\x00"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return SourceText(path, text, tuple(text.split("\n")))


def _not_text(path: str, data: bytes, position: int) -> NotText:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if encoding is None and b"\x00" in data[:2]:
        encoding = "UTF-16"
    line = data.count(b"\n", 0, position) + 1
    why = f"It looks like {encoding}." if encoding else None
    return NotText(position=position, where=Location(path, line), why=why)


def shown_path(root: Path, path: Path) -> str:
    """Give a path as the user would type it, with forward slashes."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()

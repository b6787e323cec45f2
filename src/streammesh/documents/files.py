"""Reading a file of a workspace as text, within limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streammesh.errors import Location
from streammesh.errors.documents import FileTooLarge, NotText, UnreadableFile

MAX_BYTES = 1_000_000
"""A larger file is no document."""


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
        return Location(self.path, line, column, max(1, length), text)


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
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise FileTooLarge(size=size, limit=MAX_BYTES, where=where)
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(reason=error.strerror or str(error), where=where) from error
    return source_text(shown, data)


def source_text(path: str, data: bytes) -> SourceText:
    """Decode a file's content; a byte order mark is left out.

    Raises:
        NotText: when it is not UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NotText(position=error.start, where=Location(path, line)) from None
    text = text.replace("\r\n", "\n")
    return SourceText(path, text, tuple(text.split("\n")))


def shown_path(root: Path, path: Path) -> str:
    """Give a path as the user would type it, with forward slashes."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()

"""A migration's file as text, within limits."""

from __future__ import annotations

from pathlib import Path

from streammesh.documents.files import SourceText, source_text
from streammesh.errors import Location
from streammesh.errors.documents import UnreadableFile
from streammesh.errors.migrations import MigrationTooLarge

MAX_BYTES = 10_000_000
"""A larger file is a dump, and not looked at."""


def read_file(path: Path) -> SourceText:
    """Read a migration's file.

    Raises:
        MeshError: it is missing, no file, too large or not UTF-8.
    """
    where = Location(path.as_posix())
    try:
        if not path.is_file() and path.exists():
            raise UnreadableFile(reason="it is not a file", where=where)
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise MigrationTooLarge(size=f"{size:,}", limit=f"{MAX_BYTES:,}", where=where)
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(reason=reason.lower(), where=where) from None
    return source_text(path.as_posix(), data)

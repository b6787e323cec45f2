"""Pages of the state's file with a sum each: a page that was changed by anyone else is noticed.

SQLite keeps sums of its write-ahead log only. In the file itself a flipped bit within a value looks
like another value, and an engine would publish it. So the last bytes of each page, which SQLite can
be told to leave alone, hold a sum over the rest of it and its place; it is written whenever a page
goes into the file, and checked whenever one is read from it.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

import apsw

NAME = "streammesh-pages"
PAGE_BYTES = 4096
SUM_BYTES = 8


BODY_BYTES = PAGE_BYTES - SUM_BYTES


def _sum(page: Any, offset: int) -> bytes:
    return crc32(memoryview(page)[:BODY_BYTES], offset // PAGE_BYTES + 1).to_bytes(SUM_BYTES)


class _File(apsw.VFSFile):
    """The database file."""

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - SQLite's name
        """Read, and check whole pages."""
        data: bytes = _read(self, amount, offset)
        whole = len(data) == PAGE_BYTES
        if whole and data[BODY_BYTES:] != _sum(data, offset):
            raise apsw.CorruptError(f"page {offset // PAGE_BYTES + 1} is not as it was written")
        return data

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802 - SQLite's name
        """Write; whole pages with their sum."""
        if len(data) == PAGE_BYTES:
            data = bytes(memoryview(data)[:BODY_BYTES]) + _sum(data, offset)
        super().xWrite(data, offset)


_read = apsw.VFSFile.xRead


class _Files(apsw.VFS):
    """The usual files, with sums in those that are databases."""

    def __init__(self) -> None:
        super().__init__(NAME, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        """Open a file."""
        if flags[0] & apsw.SQLITE_OPEN_MAIN_DB:
            return _File("", name, flags)
        return super().xOpen(name, flags)


_files = _Files()
"""SQLite knows it by its name, as long as this is here."""


def connect(path: str) -> apsw.Connection:
    """Open a database whose pages have sums; a new one gets room for them.

    Raises:
        apsw.Error: it can't be opened.
        apsw.CorruptError: it has no room for sums, so it was made in another way.
    """
    db = apsw.Connection(path, vfs=NAME)
    try:
        # a file without room for sums: reading its first page fails, as that of a damaged one does
        if db.reserve_bytes("main") != SUM_BYTES:
            db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            db.reserve_bytes("main", SUM_BYTES)
    except BaseException:
        db.close()
        raise
    return db

"""Pages of the state's file with a sum each: a page that was changed by anyone else is noticed.

SQLite keeps sums of its write-ahead log only. In the file itself a flipped bit within a value looks
like another value, and an engine would publish it. So the last bytes of each page, which SQLite can
be told to leave alone, hold a sum over the rest of it: SQLite's own extension for that
(https://sqlite.org/cksumvfs.html) writes it with the page, and checks it whenever one is read.
"""

from __future__ import annotations

from functools import cache

import apsw
import apsw.sqlite_extra

PAGE_BYTES = 4096
SUM_BYTES = 8

_EXTENSION = "cksumvfs"
_NAME = "cksmvfs"


def connect(path: str) -> apsw.Connection:
    """Open a database with SQLite's extension; a new one gets room for the sums.

    Raises:
        apsw.Error: it can't be opened.
        apsw.sqlite_extra.NotAvailable: this APSW came without SQLite's extensions.
    """
    load()
    db = apsw.Connection(path, vfs=_NAME)
    try:
        # without effect on a file that is there already
        db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        db.reserve_bytes("main", SUM_BYTES)
    except BaseException:
        db.close()
        raise
    return db


def have_sums(db: apsw.Connection) -> bool:
    """Tell whether the pages of an open database have sums, which are checked.

    One that was made in another way has none, or one whose head says so since it was damaged.
    """
    return bool(db.execute("PRAGMA checksum_verification").get == "1")


def damaged(error: BaseException | None) -> bool:
    """Tell whether an error says that a page is not as it was written."""
    return getattr(error, "extendedresult", None) == apsw.SQLITE_IOERR_DATA


@cache
def load() -> None:
    """Make the extension known, for as long as the process lives; done by itself at first use."""
    usual = apsw.vfs_names()[0]
    with_extension = apsw.Connection(":memory:")
    apsw.sqlite_extra.load(with_extension, _EXTENSION)
    with_extension.close()
    # it makes itself what every other database is opened with
    apsw.set_default_vfs(usual)

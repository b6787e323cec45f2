"""The form of a table: what has to be the same for rows that were read once to be of use still."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from streammesh.models.tables import Table


def form(table: Table) -> str:
    """Digest what decides how an engine keeps a table's rows: 8 hexadecimal digits.

    Columns in their order with their types, and the primary key. Whether a column may be NULL, what
    is unique and how many rows there are change nothing in rows that are kept already.
    """
    columns = [(one.name, repr(one.type), one.stored_type) for one in table.columns]
    text = repr((str(table.name), columns, table.primary_key))
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def grown(old: Table, new: Table) -> bool:
    """Tell whether a table has columns more, and is else as it was.

    An engine passes over columns that it does not know: its products go on until the table is read
    again.
    """
    known = {one.name for one in old.columns}
    kept = tuple(one for one in new.columns if one.name in known)
    return len(new.columns) > len(kept) and form(replace(new, columns=kept)) == form(old)

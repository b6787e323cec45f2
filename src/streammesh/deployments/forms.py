"""The form of a table: what has to be the same for rows that were read once to be of use still."""

from __future__ import annotations

import hashlib

from streammesh.models.tables import Table


def form(table: Table) -> str:
    """Digest what decides how an engine keeps a table's rows: 8 hexadecimal digits.

    Columns in their order with their types, and the primary key. Whether a column may be NULL, what
    is unique and how many rows there are change nothing in rows that are kept already.
    """
    columns = [(one.name, repr(one.type), one.stored_type) for one in table.columns]
    text = repr((str(table.name), columns, table.primary_key))
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()

"""Names as SQL text, for statements that a person shall run."""

from __future__ import annotations

import re

from streammesh.documents.values import TableName

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")


def quoted(name: str | TableName) -> str:
    """Give a name as it is written in SQL, in quotes only where it needs them."""
    if isinstance(name, TableName):
        return f"{quoted(name.schema)}.{quoted(name.name)}"
    return name if _PLAIN.match(name) else '"' + name.replace('"', '""') + '"'

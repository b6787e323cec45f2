"""Names that Avro has: which are any, what to write instead, and what records are called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def proposal(name: str, taken: Collection[str] = ()) -> str:
    """Give a name in Avro that is near to another, and not taken."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    plain = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_") or "field"
    first = plain if NAME.match(plain) else f"_{plain}"
    found, number = first, 2
    while found in taken:
        found, number = f"{first}_{number}", number + 1
    return found


def record_name(path: str) -> str:
    """Give the name of a nested record or enum: `lines[].main_part` is `LinesMainPart`."""
    words = re.split(r"[^A-Za-z0-9]+", path)
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return name if NAME.match(name) else f"_{name}"

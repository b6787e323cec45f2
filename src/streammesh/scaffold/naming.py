"""A name for a mesh, from the name of its folder."""

from __future__ import annotations

import re
import unicodedata

from streammesh.documents.names import NAME, RESERVED

FALLBACK = "mesh"
"""Stands where a folder's name has nothing that a name could be made of."""


def name_from(folder: str) -> str:
    """Make a name of a folder's name: `My Shop (2026)` gives `my-shop-2026`.

    Args:
        folder: the last part of its path; any text.
    """
    plain = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not name:
        return FALLBACK
    if name in RESERVED or not name[0].isalpha():
        name = f"{FALLBACK}-{name}"
    name = name[:49].rstrip("-")
    if not NAME.match(name):
        raise AssertionError(name)
    return name

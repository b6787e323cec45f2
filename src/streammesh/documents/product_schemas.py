"""ODPS by version: each file is judged by the version of the standard that it names."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from streammesh.documents.parsed import Parsed
from streammesh.documents.schema import DocumentSchema, changed, compiled, own_schema
from streammesh.errors import MeshError

NEWEST = "v1.1.0"
OLDER = ("v1.0.0", "v0.9.0")
"""Older versions that are read, newest first."""


def product_errors(parsed: Parsed) -> list[MeshError]:
    """Check a data product by the standard alone.

    Args:
        parsed: the file.

    Returns:
        What is wrong with it, each at its place.
    """
    document = parsed.document
    version = document.get("apiVersion") if isinstance(document, Mapping) else None
    return product_schema(version if version in OLDER else NEWEST).errors(parsed)


@functools.cache
def product_schema(version: str = NEWEST) -> DocumentSchema:
    """Give ODPS's rules of a version, modelled from the published standard.

    Args:
        version: `NEWEST` or one of `OLDER`.
    """
    return compiled(_schema(version))


def _schema(version: str) -> Mapping[str, Any]:
    if version == NEWEST:
        return own_schema("odps").schema
    versions = (NEWEST, *OLDER)
    newer = _schema(versions[versions.index(version) - 1])
    return changed(newer, "odps-older", version)

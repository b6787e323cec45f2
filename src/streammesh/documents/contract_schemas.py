"""ODCS by version: each file is judged by the version of the standard that it names.

The package of the standard brings the newest JSON Schema alone; `schemas/odcs-older.json` says in
which points each older version differs from the next one.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import re
from collections.abc import Mapping
from typing import Any

from streammesh.documents.nearest import nearest
from streammesh.documents.parsed import Parsed
from streammesh.documents.schema import DocumentSchema, changed, compiled
from streammesh.errors import MeshError
from streammesh.errors.documents import OldContract, WrongShape

NEWEST = "v3.2.0"
WITH_STATUS = "v3.1.0"
OLDER = (WITH_STATUS, "v3.0.2", "v3.0.1", "v3.0.0")
"""Older versions that are read, newest first."""

_LENIENT = OLDER[1:]
"""They let a file have fields that the standard doesn't know, but for some places."""

_OLD = re.compile(r"v?[012](\.[0-9]+)*\Z")
_FIELDS_OF_2 = frozenset({"uuid", "datasetName", "quantumName", "dataset", "datasetDomain"})


def contract_errors(parsed: Parsed) -> list[MeshError]:
    """Check a contract by the standard alone.

    A file that names an older version may also use what a later one allows, as the standard's own
    examples do; a status, which only 3.2 lets go, it needs all the same.

    Args:
        parsed: the file.

    Returns:
        What is wrong with it, each at its place.
    """
    document = parsed.document
    version = document.get("apiVersion") if isinstance(document, Mapping) else None
    if isinstance(document, Mapping) and _is_of_version_2(document, version):
        said = version if isinstance(version, str) else "2"
        where = parsed.place("apiVersion") if version else parsed.place()
        return [OldContract(version=said, where=where)]
    if version in _LENIENT and _as_later(document):
        return []
    errors = _judge(version).errors(parsed)
    if isinstance(version, str) and version not in (*OLDER, NEWEST):
        return [_unknown_version(parsed, version), *_apart(errors, parsed)]
    return errors


def _as_later(document: Any) -> bool:
    return _with_status().accepts(document)


def _judge(version: object) -> DocumentSchema:
    """Give the schema whose refusals are shown for a file."""
    if version in _LENIENT:
        return contract_schema(str(version))
    return _with_status() if version == WITH_STATUS else contract_schema(NEWEST)


@functools.cache
def _with_status() -> DocumentSchema:
    schema = _schema(NEWEST)
    required = [*schema["required"], "status"]
    return compiled({**schema, "required": required, "x-label": "a contract"})


def _is_of_version_2(document: Mapping[str, Any], version: object) -> bool:
    """Tell whether a file is of a version before 3, by what it says or else by its fields.

    The standard lets a file in version 3's form call itself 2.2.
    """
    if version is None:
        return bool(_FIELDS_OF_2 & document.keys())
    said = isinstance(version, str) and bool(_OLD.match(version))
    return said and not contract_schema(NEWEST).accepts(document)


def _unknown_version(parsed: Parsed, version: str) -> MeshError:
    fix = nearest(version, (NEWEST, *OLDER)) or f"write {NEWEST}"
    what = f"`{version[:60]}` is no version of the standard that is known here"
    return WrongShape(what=what, where=parsed.place("apiVersion"), fix=fix)


def _apart(errors: list[MeshError], parsed: Parsed) -> list[MeshError]:
    return [one for one in errors if one.where != parsed.place("apiVersion")]


@functools.cache
def contract_schema(version: str = NEWEST) -> DocumentSchema:
    """Give ODCS's JSON Schema of a version: the official one, as its package brings it, or older.

    Args:
        version: `NEWEST` or one of `OLDER`.
    """
    return compiled({**_schema(version), "x-label": "a contract"})


@functools.cache
def _schema(version: str) -> dict[str, Any]:
    if version == NEWEST:
        files = importlib.resources.files("open_data_contract_standard")
        schema: dict[str, Any] = json.loads((files / "schema.json").read_text(encoding="utf-8"))
        return schema
    versions = (NEWEST, *OLDER)
    newer = _schema(versions[versions.index(version) - 1])
    return changed(newer, "odcs-older", version)

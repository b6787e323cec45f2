"""A new major version beside the old: whose changed files become it, and what the old one was."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml as libyaml

from streammesh.catalog.known_versions import KnownVersion
from streammesh.catalog.texts import canonical, clean
from streammesh.documents.editing import Editor
from streammesh.documents.ending import ENDING, is_end
from streammesh.documents.files import source_text
from streammesh.documents.names import Names
from streammesh.documents.product_files import CONTRACT_END, MODEL_END
from streammesh.documents.values import Port, Workspace
from streammesh.errors import MeshError
from streammesh.errors.lifecycle import MajorThere
from streammesh.planning.lifecycle.edits import (
    Edit,
    contract_editor,
    folder_of,
    product_of,
    text_of,
)
from streammesh.planning.lifecycle.product_document import (
    add_version,
    product_editor,
    set_version,
)

Earlier = Callable[[str], Iterable[str]]
"""Gives the texts that a file had in earlier commits, newest first."""

_MAJOR = re.compile(r"\.v\d+\Z")
_FIRST = ("apiVersion", "kind", "id", "name", "property", "version", "status", "domain")
_FIRST_OF_FIELDS = ("type", "metric", "logicalType", "physicalName", "physicalType", "value")
_LAST = ("items", "properties", "schema", "slaProperties", "team", "roles", "support")
"""In this order people write contracts; the catalog has them sorted."""


def major_edits(
    workspace: Workspace, port: Port, known: KnownVersion, version: str, earlier: Earlier
) -> tuple[tuple[Edit, ...], tuple[str, ...]]:
    """Say how the files change for a new major version.

    Args:
        workspace: the files.
        port: the version that was changed.
        known: the same version as it was applied.
        version: the new one's semantic version.
        earlier: gives earlier texts of a file.

    Returns:
        The edits, and what somebody should know.

    Raises:
        MajorThere: the new version has files already.
        EditByHand: a file is written in a way that can't be edited safely.
    """
    root, folder = Path(workspace.root), folder_of(product_of(workspace, port))
    major = int(version.partition(".")[0])
    stem = f"{folder}/{port.name}.v{major}"
    for end in (CONTRACT_END, MODEL_END):
        if (root / f"{stem}{end}").exists():
            raise MajorThere(file=f"{stem}{end}", product=port.label, major=major)
    contract, identity = _new_contract(workspace, port, version)
    model = text_of(root, port.model.path) or ""
    old_contract, remarks = _contract_before(workspace, port, known, earlier)
    if port.status != known.status:
        remarks = (*remarks, _status_again(port, known))
    return (
        Edit(f"{stem}{CONTRACT_END}", None, contract),
        Edit(f"{stem}{MODEL_END}", None, model),
        old_contract,
        _model_before(port, known, model, earlier),
        _product(workspace, port, known, version, identity),
    ), remarks


def _new_contract(workspace: Workspace, port: Port, version: str) -> tuple[str, str]:
    """Give the new version's contract and its id."""
    editor, major = contract_editor(workspace, port), version.partition(".")[0]
    identity = f"{_MAJOR.sub('', editor.document['id'])}.v{major}"
    editor.set("id", value=identity)
    editor.set("version", value=version)
    if editor.document["status"] in ("deprecated", "retired"):
        editor.set("status", value="active")
        _take_end_back(editor)
    schemas = editor.document.get("schema") or ()
    if schemas and "physicalName" in schemas[0]:
        topic = Names().product_topic(port.domain, port.product, port.name, int(major))
        editor.set("schema", 0, "physicalName", value=topic)
    return editor.text, identity


def _take_end_back(editor: Editor) -> None:
    """Let a contract say nothing of an end, which is that of the version before."""
    levels = editor.document.get("slaProperties") or ()
    for at in reversed([at for at, one in enumerate(levels) if is_end(one)]):
        editor.remove("slaProperties", at)
    for at, one in enumerate(editor.document.get("customProperties") or ()):
        if one.get("property") == "stream":
            for name in ENDING:
                if name in one["value"]:
                    editor.remove("customProperties", at, "value", name)


def _contract_before(
    workspace: Workspace, port: Port, known: KnownVersion, earlier: Earlier
) -> tuple[Edit, tuple[str, ...]]:
    path, wanted = port.contract.path, canonical(known.contract.document)
    now = text_of(Path(workspace.root), path) or ""
    for text in (now, *earlier(path)):
        if _says(path, text, wanted):
            return Edit(path, now, text), ()
    remark = (
        f"{path} was written anew from the catalog, without its comments and layout: "
        "no commit here has it as it was applied"
    )
    return Edit(path, now, _written(path, known.contract.document)), (remark,)


def _status_again(port: Port, known: KnownVersion) -> str:
    return (
        f"{port.label} v{port.major} is {known.status} again, as it was applied; the files said "
        f"{port.status}: say so when v{port.major + 1} is applied"
    )


def _says(path: str, text: str, wanted: str) -> bool:
    try:
        return canonical(Editor(path, text).document) == wanted
    except MeshError:
        return False


def _written(path: str, document: Any) -> str:
    """Write a document as YAML; as JSON, which is YAML too, where YAML 1.1 and 1.2 differ on it."""
    ordered = _ordered(document)
    text: str = libyaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=100)
    if _says(path, text, canonical(document)):
        return text
    return json.dumps(ordered, ensure_ascii=False, indent=2) + "\n"


def _ordered(value: Any) -> Any:
    if isinstance(value, list):
        return [_ordered(one) for one in value]
    if not isinstance(value, dict):
        return value
    first, last = (*_FIRST, *_FIRST_OF_FIELDS), (*_LAST, "customProperties")
    names = [one for one in first if one in value]
    names += [one for one in value if one not in (*first, *last)]
    names += [one for one in last if one in value]
    return {name: _ordered(value[name]) for name in names}


def _model_before(port: Port, known: KnownVersion, now: str, earlier: Earlier) -> Edit:
    """Give the model back its text; the catalog has it all, but for the kind of its line ends."""
    path = port.model.path
    for text in (now, *earlier(path)):
        if clean(source_text(path, text.encode()).text) == known.model.text:
            return Edit(path, now, text)
    return Edit(path, now, known.model.text)


def _product(
    workspace: Workspace, port: Port, known: KnownVersion, version: str, identity: str
) -> Edit:
    editor = product_editor(workspace, port)
    before = editor.text
    add_version(editor, port, version, identity)
    set_version(editor, port, known.version)
    return Edit(editor.path, before, editor.text)

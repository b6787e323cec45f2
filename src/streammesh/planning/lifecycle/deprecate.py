"""What the files say of a version that ends: deprecated, with its last day, then retired."""

from __future__ import annotations

from datetime import date
from typing import Any

from streammesh.documents.editing import Editor
from streammesh.documents.ending import BECAUSE, END_OF_LIFE, REPLACED_BY, is_end
from streammesh.documents.values import Port, Workspace
from streammesh.planning.lifecycle.edits import (
    Edit,
    contract_editor,
    version_name,
)


def deprecate(
    workspace: Workspace, port: Port, until: date, *, because: str = "", instead: Port | None = None
) -> Edit:
    """Say in a contract that its version ends.

    Args:
        workspace: the files.
        port: the version.
        until: its last day.
        because: why.
        instead: the version that takes its place.

    Raises:
        EditByHand: the contract is written in a way that can't be edited safely.
    """
    editor = contract_editor(workspace, port)
    before = editor.text
    editor.set("status", value="deprecated")
    _end(editor, until)
    if instead is not None:
        _stream(editor, REPLACED_BY, version_name(instead))
    if because:
        _stream(editor, BECAUSE, because)
    return Edit(port.contract.path, before, editor.text)


def retire(workspace: Workspace, port: Port) -> Edit:
    """Say in a contract that its version is gone.

    Raises:
        EditByHand: the contract is written in a way that can't be edited safely.
    """
    editor = contract_editor(workspace, port)
    before = editor.text
    editor.set("status", value="retired")
    return Edit(port.contract.path, before, editor.text)


def successor(workspace: Workspace, port: Port) -> Port | None:
    """Give the newest active version of a port that is newer than this one; None without any."""
    newer = [
        one
        for one in workspace.ports
        if one.label == port.label and one.major > port.major and one.status == "active"
    ]
    return max(newer, key=lambda one: one.major, default=None)


def _end(editor: Editor, until: date) -> None:
    listed = editor.document.get("slaProperties")
    entry = {"property": END_OF_LIFE, "value": until.isoformat()}
    if not listed:
        editor.set("slaProperties", value=[entry])
        return
    index = next((at for at, one in enumerate(listed) if is_end(one)), None)
    if index is None:
        editor.append("slaProperties", value=entry)
    else:
        editor.set("slaProperties", index, "value", value=until.isoformat())


def _stream(editor: Editor, name: str, value: str) -> None:
    listed = editor.document.get("customProperties")
    entry: dict[str, Any] = {"property": "stream", "value": {name: value}}
    if not listed:
        editor.set("customProperties", value=[entry])
        return
    index = next((at for at, one in enumerate(listed) if one.get("property") == "stream"), None)
    if index is None:
        editor.append("customProperties", value=entry)
    else:
        editor.set("customProperties", index, "value", name, value=value)

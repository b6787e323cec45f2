"""The output ports of a product's ODPS document, edited."""

from __future__ import annotations

from pathlib import Path

from streammesh.documents.editing import Editor
from streammesh.documents.values import Port, Workspace
from streammesh.planning.lifecycle.edits import product_of, text_of


def product_editor(workspace: Workspace, port: Port) -> Editor:
    """Open the document of a port's product."""
    path = product_of(workspace, port).path
    return Editor(path, text_of(Path(workspace.root), path) or "")


def set_version(editor: Editor, port: Port, version: str) -> None:
    """Give a port's entry another version."""
    editor.set("outputPorts", index_of(editor, port), "version", value=version)


def add_version(editor: Editor, port: Port, version: str, contract_id: str) -> None:
    """Add an entry for a new version of a port behind that of the port."""
    index = index_of(editor, port)
    editor.repeat("outputPorts", index)
    editor.set("outputPorts", index + 1, "version", value=version)
    editor.set("outputPorts", index + 1, "contractId", value=contract_id)


def index_of(editor: Editor, port: Port) -> int:
    """Find a port's entry; a workspace that loads has it."""
    return next(
        index
        for index, one in enumerate(editor.document["outputPorts"])
        if one["name"] == port.name and one["version"].lstrip("v").split(".")[0] == str(port.major)
    )

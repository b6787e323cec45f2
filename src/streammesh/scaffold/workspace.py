"""Write a new workspace: what is there already stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from streammesh.documents.editors import SCHEMA_FOLDER, schema_line, write_schemas
from streammesh.documents.workspace import MESH_FILE
from streammesh.errors.scaffold import AlreadyAWorkspace, CannotWrite

TEMPLATES = Path(__file__).resolve().parent / "templates"

_MESH = "__mesh__"
_DOT = "dot-"

_KINDS = {
    "mesh.toml": "mesh",
    "domain.yaml": "domain",
    ".source.yaml": "source",
    ".odcs.yaml": "odcs",
    ".odps.yaml": "odps",
}
"""The kind of a file, by how its name ends."""


@dataclass(frozen=True)
class Written:
    """What a scaffold did.

    Attributes:
        folder: the workspace.
        mesh: the mesh's name.
        files: written, relative to the folder, sorted.
        kept: there before and left alone, relative to the folder, sorted.
    """

    folder: Path
    mesh: str
    files: tuple[str, ...]
    kept: tuple[str, ...]


def write_workspace(folder: Path, mesh: str, *, example: bool) -> Written:
    """Write a workspace's files; the folder is made if need be, no file is ever overwritten.

    Args:
        folder: where.
        mesh: the mesh's name, and its domain's where there is no example.
        example: with a source, a product and a database to try.

    Raises:
        AlreadyAWorkspace: the folder has a mesh.toml; nothing was written.
        CannotWrite: the folder or a file can't be written.
    """
    if (folder / MESH_FILE).exists():
        raise AlreadyAWorkspace(folder=folder)
    parts = ("common", "example" if example else "plain")
    texts = {name: text for part in parts for name, text in _texts(TEMPLATES / part, mesh)}
    files: list[str] = []
    kept: list[str] = []
    # mesh.toml last: a workspace that was begun only is none, and can be begun again
    for name in sorted(texts, key=lambda one: (one == MESH_FILE, one)):
        written = _write(folder / name, _with_schema(folder, name, texts[name]))
        (files if written else kept).append(name)
    _write_schemas(folder)
    return Written(folder, mesh, tuple(sorted(files)), tuple(sorted(kept)))


def _texts(templates: Path, mesh: str) -> Iterator[tuple[str, str]]:
    for path in templates.rglob("*"):
        if path.is_file():
            parts = [part.replace(_MESH, mesh) for part in path.relative_to(templates).parts]
            if parts[-1].startswith(_DOT):
                parts[-1] = f".{parts[-1].removeprefix(_DOT)}"
            yield "/".join(parts), path.read_text(encoding="utf-8").replace(_MESH, mesh)


def _with_schema(folder: Path, name: str, text: str) -> str:
    """Begin a file with the line by which an editor finds its schema, where it has one."""
    kind = next((kind for ending, kind in _KINDS.items() if name.endswith(ending)), None)
    return text if kind is None else f"{schema_line(folder, folder / name, kind)}\n{text}"


def _write_schemas(folder: Path) -> None:
    try:
        write_schemas(folder)
    except OSError as error:
        raise CannotWrite(path=folder / SCHEMA_FOLDER, why=error.strerror) from error


def _write(path: Path, text: str) -> bool:
    """Write a file unless there is one; tell whether it was written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        if path.is_file() or path.is_symlink():
            return False
        raise CannotWrite(path=path, why="something else is there") from error
    except OSError as error:
        raise CannotWrite(path=path, why=error.strerror) from error
    return True

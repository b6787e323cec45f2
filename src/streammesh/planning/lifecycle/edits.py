"""Changes of files as values: shown as a difference, and then written."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from streammesh.documents.editing import Editor
from streammesh.documents.product_files import PRODUCT_FILE
from streammesh.documents.values import Port, Product, Workspace
from streammesh.errors.scaffold import CannotWrite


@dataclass(frozen=True)
class Edit:
    """A file before and after.

    Attributes:
        path: relative to the workspace.
        before: its text; None where there is no such file.
        after: its new text.
    """

    path: str
    before: str | None
    after: str


def changed(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Give the edits that change anything."""
    return tuple(one for one in edits if one.before != one.after)


def difference(edits: Iterable[Edit]) -> str:
    """Show edits as `diff -u` does."""
    return "\n".join(line for one in edits for line in _lines(one))


def _lines(one: Edit) -> Iterator[str]:
    old = "/dev/null" if one.before is None else one.path
    before, after = (one.before or "").splitlines(), one.after.splitlines()
    yield from difflib.unified_diff(before, after, old, one.path, lineterm="")


def write(root: Path, edits: Iterable[Edit]) -> None:
    """Write edits; each file is there whole, before or after.

    Raises:
        CannotWrite: a file or its folder can't be written; those before it are.
    """
    for one in edits:
        path = root / one.path
        beside = path.with_name(f".{path.name}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(one.after.encode())
            beside.replace(path)
        except OSError as error:
            raise CannotWrite(path=path, why=error.strerror) from error


def text_of(root: Path, path: str) -> str | None:
    """Give a file's text with the line ends that it has; None when there is none."""
    try:
        return (root / path).read_bytes().decode()
    except FileNotFoundError:
        return None


def contract_editor(workspace: Workspace, port: Port) -> Editor:
    """Open a port's contract."""
    path = port.contract.path
    return Editor(path, text_of(Path(workspace.root), path) or "")


def product_of(workspace: Workspace, port: Port) -> Product:
    """Give the product that a port is of."""
    products = workspace.domains[port.domain].products
    return next(one for one in products if one.name == port.product)


def folder_of(product: Product) -> str:
    """Give a product's folder, relative to the workspace."""
    return product.path.removesuffix(f"/{PRODUCT_FILE}")


def version_name(port: Port) -> str:
    """Name a port's version as people type it: `sales.orders.v1`."""
    return f"{port.label}.v{port.major}"

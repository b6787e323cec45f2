"""JSON Schemas for editors: what `mesh schema` prints, and the line that names one in a file."""

from __future__ import annotations

import importlib.resources
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SCHEMA_FOLDER = Path(".mesh/schemas")
"""Where a workspace keeps the schemas that its files name, relative to its root."""

KINDS: Mapping[str, str] = {
    "mesh": "mesh.toml: the mesh and its environments",
    "domain": "domain.yaml: a domain and its owner",
    "source": "*.source.yaml: an operational database",
    "subscription": "*.subscription.yaml: what a domain consumes",
    "policy": "*.policy.yaml: a rule of governance, as SQL",
    "stream": "the value of the custom property `stream` in a contract",
    "odcs": "*.odcs.yaml: a contract, by the Open Data Contract Standard",
    "odps": "dataproduct.odps.yaml: a product, by the Open Data Product Standard",
}
"""Each kind of file that has a schema, and what it is."""


def schema_text(kind: str) -> str:
    """Give a kind's JSON Schema as text.

    Args:
        kind: one of `KINDS`.
    """
    package, name = "streammesh.documents", f"schemas/{kind}.json"
    if kind == "odcs":
        package, name = "open_data_contract_standard", "schema.json"
    text = (importlib.resources.files(package) / name).read_text(encoding="utf-8")
    return json.dumps(_shown(json.loads(text)), indent=2, ensure_ascii=False) + "\n"


def write_schemas(root: Path) -> tuple[Path, ...]:
    """Write all schemas into a workspace, for the lines that `schema_line` gives.

    Args:
        root: the workspace's folder.

    Returns:
        The files, each at `.mesh/schemas/<kind>.json`; one that stands there is replaced.
    """
    folder = root / SCHEMA_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"{kind}.json" for kind in KINDS)
    for path in paths:
        path.write_text(schema_text(path.stem), encoding="utf-8", newline="\n")
    return paths


def schema_line(root: Path, path: Path, kind: str) -> str:
    """Give the first line of a file, by which an editor finds the schema.

    Args:
        root: the workspace's folder.
        path: the file, in it.
        kind: one of `KINDS`.

    Returns:
        The line without its end: for yaml-language-server, or for Taplo when the file is TOML.
    """
    relative = Path(os.path.relpath(root / SCHEMA_FOLDER / f"{kind}.json", path.parent)).as_posix()
    if path.suffix == ".toml":
        return f"#:schema {relative if relative.startswith('../') else './' + relative}"
    return f"# yaml-language-server: $schema={relative}"


def _shown(schema: Any) -> Any:
    """Leave out what only streammesh's own messages use."""
    if isinstance(schema, dict):
        return {k: _shown(v) for k, v in schema.items() if not k.startswith("x-")}
    if isinstance(schema, list):
        return [_shown(one) for one in schema]
    return schema

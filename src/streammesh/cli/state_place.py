"""Where the engines of an environment keep their state on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from streammesh.documents.values import Environment


def state_folder(root: Path | None, environment: Environment | None) -> Path:
    """Give the folder: MESH_STATE_DIR, else one below the workspace's `.mesh`.

    Args:
        root: the workspace; None outside of one.
        environment: None outside of a workspace.
    """
    if folder := os.environ.get("MESH_STATE_DIR"):
        return Path(folder)
    usual = (root or Path.cwd()) / ".mesh" / "state"
    # what a state holds is of one environment's Kafka
    if environment is None or environment.stack == "local":
        return usual
    return usual / environment.name

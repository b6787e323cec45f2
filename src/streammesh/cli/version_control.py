"""From which commit the files are, for the catalog's records."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

VARIABLES = ("MESH_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION", "GIT_COMMIT")
"""Where a CI system says it: a checkout of its may have no `.git`."""

WAIT_SECONDS = 10


def commit_of(root: Path, environ: Mapping[str, str]) -> str:
    """Give the commit of a workspace's files; with `-dirty` when they differ from it.

    Args:
        root: the workspace.
        environ: environment variables.

    Returns:
        Empty when nobody knows: no git, no repository, no commit yet.
    """
    said = next((environ[name] for name in VARIABLES if environ.get(name)), "")
    if said:
        return said
    commit = _git(root, "rev-parse", "HEAD")
    if commit and _git(root, "status", "--porcelain", "--", "."):
        return f"{commit}-dirty"
    return commit


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            ["git", "-C", str(root), *arguments],  # noqa: S607 - the user's git
            capture_output=True,
            text=True,
            timeout=WAIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

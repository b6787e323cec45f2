"""From which repository and commit the files are: for the catalog's records, and for claims."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from streammesh.documents.repository import Repository, normalised

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


def repository_of(root: Path, said: str, environ: Mapping[str, str]) -> Repository:
    """Say what the repository of a workspace is called.

    Args:
        root: the workspace.
        said: what mesh.toml calls it; empty when it does not say.
        environ: environment variables; MESH_REPOSITORY is for a checkout that has no `origin`.

    Returns:
        `github.com/acme/sales`, with the workspace's folder where that is not the repository's own;
        by its place on this machine where nothing else is known.
    """
    root = root.resolve()
    place = f"{socket.gethostname()}:{root}"
    named = said or environ.get("MESH_REPOSITORY", "")
    if named:
        return Repository(normalised(named).lower(), place)
    remote = normalised(_git(root, "remote", "get-url", "origin"))
    if not remote or remote.startswith((".", "/")):
        # a folder of this machine means nothing elsewhere
        return Repository(place, place)
    folder = _git(root, "rev-parse", "--show-prefix").strip("/")
    return Repository(f"{remote}/{folder}" if folder else remote, place)


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
